import BundleFormat
import Foundation
import ServerSchemes
import Testing

/// The bundle in `Tests/Fixtures/bundles/tiny`, as it is or with another manifest: features
/// [5,4,4], eight symbols, ten labels.
enum TinyBundle {
  static let symbolCount = 80
  static let channels = 5
  static let plane = 16

  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/bundles/tiny", isDirectory: true)

  static func load() throws -> ModelBundle { try ModelBundle(directory: folder) }

  /// A copy with another manifest, for as long as `body` runs.
  ///
  /// - Parameter tables: the file `coder.bin` beside the manifest.
  static func edited(
    tables: [UInt8]? = nil, _ edit: (inout [String: Any]) -> Void,
    _ body: (ModelBundle) throws -> Void
  ) throws {
    let copy = FileManager.default.temporaryDirectory
      .appendingPathComponent("agilenn-tiny-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.copyItem(at: folder, to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    let file = copy.appendingPathComponent("bundle.json")
    let content = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    var manifest = content as? [String: Any] ?? [:]
    edit(&manifest)
    try JSONSerialization.data(withJSONObject: manifest).write(to: file)
    if let tables {
      try Data(tables).write(to: copy.appendingPathComponent("coder.bin"))
    }
    try body(ModelBundle(directory: copy))
  }

  /// As above, with other entries in what the path sends; nil takes an entry away.
  static func sending(
    tables: [UInt8]? = nil, _ entries: [String: Any?], _ body: (ModelBundle) throws -> Void
  ) throws {
    try edited(tables: tables) { manifest in
      var paths = manifest["paths"] as? [[String: Any]] ?? []
      var sends = paths[0]["sends"] as? [[String: Any]] ?? []
      for (key, value) in entries { sends[0][key] = value }
      paths[0]["sends"] = sends
      manifest["paths"] = paths
    } _: {
      try body($0)
    }
  }

  /// The tensors of the bundle's remote graph, or of another.
  static func graphs(
    input: [Int] = [5, 4, 4], named name: String = "features", output: [Int] = [10]
  ) -> [String: RemoteGraph] {
    [
      "remote": RemoteGraph(
        inputs: [RemoteTensor(name: name, itemShape: input)],
        outputs: [RemoteTensor(name: "logits", itemShape: output)])
    ]
  }

  static func path(of bundle: ModelBundle) throws -> ServerPath {
    let paths = try ServerPath.paths(of: bundle, graphs: graphs())
    #expect(paths.count == bundle.manifest.paths.count)
    return try #require(paths.first ?? nil)
  }
}

extension ServerPath {
  /// The features of a payload.
  func features(_ payload: DecodedPayload) -> [Float] {
    var features = [Float](repeating: .nan, count: symbolCount)
    features.withUnsafeMutableBufferPointer { write(payload, into: $0) }
    return features
  }

  /// The features of a whole payload of so many symbols, all of them by default.
  func features(_ payload: [UInt8], symbolCount: Int? = nil) throws -> [Float] {
    features(
      try payload.withUnsafeBytes {
        try makeDecoder().finish($0, symbolCount: symbolCount ?? self.symbolCount)
      })
  }
}

extension PayloadDecoder {
  func append(_ bytes: some Collection<UInt8>) throws {
    try Array(bytes).withUnsafeBytes { try append($0) }
  }

  func finish(_ bytes: some Collection<UInt8>, symbolCount: Int) throws -> DecodedPayload {
    try Array(bytes).withUnsafeBytes { try finish($0, symbolCount: symbolCount) }
  }
}
