package import Foundation

/// Where tests find what the repository holds.
package enum Repository {
  package static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Boards, radios and kernel presets.
  package static let config = root.appendingPathComponent("Config", isDirectory: true)
  /// The bundles that users run.
  package static let models = config.appendingPathComponent("models", isDirectory: true)
  /// What `Tests/Fixtures/make_fixtures.py` wrote.
  package static let fixtures = root.appendingPathComponent("Tests/Fixtures", isDirectory: true)

  /// A network whose activations no board of ours holds.
  package static let largeModel = fixtures.appendingPathComponent("models/large.tflite")

  /// The pictures that ``OracleAnswers`` are for, in their order.
  package static let pictures: [URL] = {
    let folder = fixtures.appendingPathComponent("pictures", isDirectory: true)
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (names ?? []).sorted().map { folder.appendingPathComponent($0) }
  }()
}
