import Board
import BundleFormat
import Foundation

/// The bundle in `Tests/Fixtures/bundles/tiny`, as it is or with another manifest, and a board for
/// it.
enum TinyBundle {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/bundles/tiny", isDirectory: true)

  static let config = ConfigStore(
    root: folder.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Config", isDirectory: true))

  static func load() throws -> ModelBundle { try ModelBundle(directory: folder) }

  /// The bundle with another manifest.
  static func edited(_ edit: @escaping (inout [String: Any]) -> Void) -> Edited {
    Edited(edit: edit)
  }

  struct Edited {
    let edit: (inout [String: Any]) -> Void

    /// A copy with the edited manifest, for as long as `body` runs.
    func open<Result>(_ body: (ModelBundle) async throws -> Result) async throws -> Result {
      let copy = FileManager.default.temporaryDirectory
        .appendingPathComponent("agilenn-tiny-\(UUID().uuidString)", isDirectory: true)
      try FileManager.default.copyItem(at: folder, to: copy)
      defer { try? FileManager.default.removeItem(at: copy) }
      let file = copy.appendingPathComponent("bundle.json")
      let content = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
      var manifest = content as? [String: Any] ?? [:]
      edit(&manifest)
      try JSONSerialization.data(withJSONObject: manifest).write(to: file)
      return try await body(ModelBundle(directory: copy))
    }
  }

  static func board(
    radio: RadioProfile? = nil, preset: String = "swift", megahertz: Double? = nil
  ) throws -> Board {
    try Board(
      profile: config.board("stm32f746"), preset: config.kernels(preset), megahertz: megahertz,
      radio: radio)
  }
}
