import BundleFormat
import FeatureCoding
import Foundation
import PlanCompiler
import SeededRandom
import Testing

@testable import Schemes

/// The server half: what a payload means, and which bundles go with which remote graphs.
@Suite struct AgileNNServerTests {
  /// The remote graph that the tiny bundle needs: 5 channels of 4x4.
  static let graphs = [
    "remote": RemoteGraph(
      inputs: [RemoteTensor(name: "features", itemShape: [5, 4, 4])],
      outputs: [RemoteTensor(name: "logits", itemShape: [10])])
  ]

  static func path(_ bundle: ModelBundle) throws -> any ServerPath {
    let paths = try ServerSchemes.open(bundle, graphs: graphs).paths
    #expect(paths.count == bundle.manifest.paths.count)
    return try #require(paths.first ?? nil)
  }

  static func decode(_ payload: [UInt8], _ path: any ServerPath) throws -> [Float]? {
    let tensors = try payload.withUnsafeBytes { try path.decode($0) }
    #expect(tensors.keys.sorted() == ["features"])
    return tensors["features"]
  }

  static func symbols(_ seed: Int, below limit: UInt8 = 8) -> [UInt8] {
    var generator = SplitMix64(seed: UInt64(seed) + 3)
    return (0..<80).map { _ in UInt8.random(in: 0..<limit, using: &generator) }
  }

  @Test func symbolsBecomeTheirValues() throws {
    let bundle = try TinyBundle.load()
    let table = try #require(bundle.manifest.symbols?.tables.first).valueOf
    let path = try Self.path(bundle)
    #expect(path.graph == "remote")
    #expect(path.logits == "logits")
    #expect(path.classCount == 10)
    for seed in 0..<100 {
      let symbols = Self.symbols(seed)
      let payload = try LZW.encode(symbols, alphabetSize: 8)
      #expect(payload.count <= path.maximumPayloadBytes)
      #expect(try Self.decode(payload, path) == symbols.map { table[Int($0)] })
    }
    // No more than twelve bits a symbol, and no fewer than the three that a symbol holds.
    #expect((30...120).contains(path.maximumPayloadBytes))
  }

  @Test func eachChannelHasItsOwnValues() async throws {
    // Channel c's symbol s is 10 c + s; channel 4 has four symbols only.
    let tables = (0..<5).map { channel in
      [
        "symbolOf": [Int](repeating: 0, count: 256),
        "valueOf": (0..<(channel == 4 ? 4 : 8)).map { 10 * channel + $0 },
      ]
    }
    try await TinyBundle.edited { $0["symbols"] = ["tables": tables] }.open { bundle in
      let path = try Self.path(bundle)
      var symbols = Self.symbols(1, below: 4)
      let values = symbols.enumerated().map { Float(10 * ($0.offset / 16) + Int($0.element)) }
      #expect(try Self.decode(LZW.encode(symbols, alphabetSize: 8), path) == values)
      symbols[63] = 7
      _ = try Self.decode(LZW.encode(symbols, alphabetSize: 8), path)
      symbols[64] = 7
      #expect(throws: CodingError.symbolOutOfRange(symbol: 7, alphabetSize: 4)) {
        try Self.decode(LZW.encode(symbols, alphabetSize: 8), path)
      }
    }
  }

  @Test func withoutSymbolsTheValuesAreDequantised() async throws {
    try await TinyBundle.edited { $0["symbols"] = nil }.open { bundle in
      // The plan compiler reads the device graph for itself.
      let plan = try #require(try PlanCompiler.compile(bundle: bundle, camera: (32, 32)))
      let features = try #require(plan.outputs.first { $0.name == "features" })
      let scale = try #require(features.scale)
      let zeroPoint = try #require(features.zeroPoint)
      let path = try Self.path(bundle)
      #expect(path.maximumPayloadBytes == 80)
      for start in stride(from: 0, to: 256, by: 80) {
        let payload = (start..<start + 80).map { UInt8(truncatingIfNeeded: $0) }
        let values = payload.map { scale * Float(Int(Int8(bitPattern: $0)) - zeroPoint) }
        #expect(try Self.decode(payload, path) == values)
      }
      for count in [0, 1, 79, 81, 160] {
        #expect(throws: CodingError.lengthMismatch(expected: 80, found: count)) {
          try Self.decode([UInt8](repeating: 1, count: count), path)
        }
      }
    }
  }

  @Test func payloadsThatAreNotWholeAreRefused() throws {
    let path = try Self.path(TinyBundle.load())
    let payload = try LZW.encode(Self.symbols(9), alphabetSize: 8)
    for count in 0..<payload.count {
      #expect(throws: CodingError.self) { try Self.decode(Array(payload.prefix(count)), path) }
    }
    #expect(throws: CodingError.trailingBytes(count: 1)) {
      try Self.decode(payload + [0], path)
    }
  }

  @Test func pathsThatTheDeviceAnswersAloneHaveNoServerHalf() async throws {
    try await TinyBundle.edited { manifest in
      manifest["paths"] = [
        ["name": "alone", "device": "device"],
        ["name": "offload", "device": "device", "remote": "remote"],
      ]
    }.open { bundle in
      let paths = try ServerSchemes.open(bundle, graphs: Self.graphs).paths
      #expect(paths.map { $0 == nil } == [true, false])
    }
  }

  @Test func graphsThatDoNotGoWithTheBundleAreRefused() throws {
    let bundle = try TinyBundle.load()
    func reason(
      input: [Int] = [5, 4, 4], named name: String = "features", output: [Int] = [10]
    ) throws -> String {
      let graph = RemoteGraph(
        inputs: [RemoteTensor(name: name, itemShape: input)],
        outputs: [RemoteTensor(name: "logits", itemShape: output)])
      let error = #expect(throws: ServerSchemeError.self) {
        try ServerSchemes.open(bundle, graphs: ["remote": graph])
      }
      #expect(error?.exitStatus == 65)
      return error?.description ?? ""
    }
    #expect(try reason(output: [9]) == "'logits' is [N,9], and there are 10 labels")
    #expect(try reason(output: [10, 1]) == "'logits' is [N,10,1], and there are 10 labels")
    #expect(try reason(named: "image").hasSuffix("it has: image"))
    for shape in [
      [], [80], [5, 16], [5, -1, 4], [5, 0, 4], [5, .max, .max], [1 << 16, 1024, 1024],
    ] {
      #expect(try reason(input: shape).contains("where [N,channels,height,width] is needed"))
    }
  }
}
