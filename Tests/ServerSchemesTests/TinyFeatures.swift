import BundleFormat
import ServerSchemes
import TestBundles
import Testing

/// What the server makes of `FixtureBundle.tiny`: features [5,4,4], eight symbols, ten labels.
enum TinyFeatures {
  static let symbolCount = 80
  static let channels = 5
  static let plane = 16

  /// A copy with other entries in what the path sends, for as long as `body` runs; nil takes an entry
  /// away.
  ///
  /// - Parameter tables: the file `coder.bin` beside the manifest.
  static func sending(
    tables: [UInt8]? = nil, _ entries: [String: Any?], _ body: (ModelBundle) throws -> Void
  ) throws {
    try FixtureBundle.tiny.edited(adding: tables.map { ["coder.bin": $0] } ?? [:]) { manifest in
      manifest.changeEach("paths") { path in
        path.changeEach("sends") { send in
          for (key, value) in entries { send[key] = value }
        }
      }
    } then: {
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
    var features = [Float](repeating: .nan, count: featureCount)
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
