import SeededRandom
import Testing

@testable import BundleFormat

@Suite struct ONNXInspectionTests {
  static let external = Protobuf.varint(2, 1) + Protobuf.varint(14, 1)

  /// Every way from a model to a tensor, by field numbers of `onnx.proto`.
  static let ways: [[UInt64]] = [
    [7, 5], [7, 15, 1], [7, 15, 2], [7, 1, 5, 5], [7, 1, 5, 10], [7, 1, 5, 22, 1],
    [7, 1, 5, 23, 2], [7, 1, 5, 6, 5], [7, 1, 5, 11, 5], [7, 1, 5, 6, 1, 5, 6, 1, 5, 5],
    [25, 7, 5, 5], [25, 11, 5], [20, 1, 5], [20, 2, 1, 5, 5],
  ]

  @Test(arguments: ways)
  func externalDataIsFoundWhereverItIs(way: [UInt64]) {
    for tensor in [
      Self.external, Protobuf.message(13, []), Protobuf.varint(13, 0),
      Protobuf.message(9, [1, 2]) + Protobuf.varint(14, 0) + Protobuf.varint(14, 1),
      Protobuf.varint(14, 0x1_0000_0001), Protobuf.varint(14, 1) + Protobuf.varint(14, 0),
    ] {
      #expect(fault(in: graph + wrap(tensor, way)) == .externalData)
      #expect(fault(in: wrap(tensor, way) + graph) == .externalData)
    }
    for tensor in [[], Protobuf.varint(14, 0), Protobuf.varint(14, 2), Protobuf.message(14, [1])] {
      #expect(fault(in: graph + wrap(tensor, way)) == nil)
    }
  }

  /// What a file says in a string or in raw data is not looked at.
  @Test func theSameBytesElsewhereAreNothing() {
    let bait = wrap(Self.external, [7, 5])
    for way: [UInt64] in [[2], [14], [7, 2], [7, 10], [7, 5, 9], [7, 1, 5, 4], [7, 11]] {
      #expect(fault(in: graph + wrap(bait, way)) == nil, "\(way)")
    }
  }

  @Test func aModelNeedsAGraph() {
    #expect(fault(in: []) == .notONNX)
    #expect(fault(in: Protobuf.varint(1, 8)) == .notONNX)
    #expect(fault(in: Protobuf.varint(7, 8)) == .notONNX)
    #expect(fault(in: graph) == nil)
  }

  @Test func nestingEnds() {
    var way: [UInt64] = [7]
    for _ in 0..<20 { way += [1, 5, 6] }
    #expect(fault(in: wrap([], way)) == nil)
    for _ in 0..<2000 { way += [1, 5, 6] }
    #expect(fault(in: wrap([], way)) == .tooDeep)
  }

  @Test func malformedFieldsAreRefused() {
    for bytes: [UInt8] in [
      [0x00], [0x3A], [0x3A, 5, 0], [0x3B], [0x3C], [0x3E], [0x3F], [0x08], [0x08, 0x80],
      [0x09, 1, 2, 3], [0x0D, 1, 2], Array(repeating: 0xFF, count: 11),
      // A length of 2^64 - 1.
      [0x3A] + Array(repeating: 0xFF, count: 9) + [1],
    ] {
      #expect(fault(in: graph + bytes) == .notONNX, "\(bytes)")
    }
    #expect(fault(in: graph + [0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x0D, 1, 2, 3, 4]) == nil)
  }

  @Test func everyTruncationAndBitFlipEnds() {
    let model =
      Protobuf.varint(1, 8) + wrap(Protobuf.message(9, [1, 2, 3, 4]), [7, 1, 5, 6, 1, 5, 5])
      + wrap(Self.external, [25, 7, 5, 5])
    #expect(fault(in: model) == .externalData)
    for length in 0..<model.count {
      // Only what comes whole is a message; the rest is refused or lacks nothing that was asked.
      let cut = fault(in: Array(model.prefix(length)))
      #expect(cut == .notONNX || cut == nil)
    }
    for bit in 0..<8 * model.count {
      var flipped = model
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      _ = fault(in: flipped)
    }
    var random = SplitMix64(seed: 2)
    for _ in 0..<20_000 {
      let junk = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random) & UInt8.random(in: 0...255, using: &random)
      }
      _ = fault(in: junk)
    }
  }

  private let graph = Protobuf.message(7, [])

  private func wrap(_ bytes: [UInt8], _ way: [UInt64]) -> [UInt8] {
    way.reversed().reduce(bytes) { Protobuf.message($1, $0) }
  }

  private func fault(in model: [UInt8]) -> ONNXInspection.Fault? {
    model.withUnsafeBytes(ONNXInspection.fault(in:))
  }
}
