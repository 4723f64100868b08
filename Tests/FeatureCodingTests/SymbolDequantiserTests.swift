import Testing

@testable import FeatureCoding

@Suite struct SymbolDequantiserTests {
  @Test func oneTableServesAllChannels() throws {
    let dequantiser = SymbolDequantiser(
      channels: 2, symbolsPerChannel: 3, values: [[0, 0.5, -2]])
    #expect(try features(of: [0, 1, 2, 2, 1, 0], by: dequantiser) == [0, 0.5, -2, -2, 0.5, 0])
  }

  @Test func eachChannelCanHaveItsOwnTable() throws {
    let dequantiser = SymbolDequantiser(
      channels: 2, symbolsPerChannel: 2, values: [[1, 2], [3, 4, 5]])
    #expect(try features(of: [0, 1, 2, 0], by: dequantiser) == [1, 2, 5, 3])
    #expect(throws: CodingError.symbolOutOfRange(symbol: 2, alphabetSize: 2)) {
      try features(of: [0, 2, 0, 0], by: dequantiser)
    }
  }

  @Test func uncodedBytesAreTheInt8Values() throws {
    let dequantiser = SymbolDequantiser(
      channels: 1, symbolsPerChannel: 256, scale: 0.25, zeroPoint: -3)
    let bytes = (0...255).map { UInt8($0) }
    let expected = bytes.map { 0.25 * (Float(Int8(bitPattern: $0)) + 3) }
    #expect(try features(of: bytes, by: dequantiser) == expected)
  }

  @Test func otherLengthsAreRefused() {
    let dequantiser = SymbolDequantiser(channels: 1, symbolsPerChannel: 3, values: [[0]])
    for count in [0, 2, 4] {
      #expect(throws: CodingError.lengthMismatch(expected: 3, found: count)) {
        try features(of: Array(repeating: 0, count: count), by: dequantiser)
      }
    }
    #expect(throws: CodingError.outputTooSmall(capacity: 2)) {
      try features(of: [0, 0, 0], by: dequantiser, room: 2)
    }
  }

  private func features(
    of symbols: [UInt8], by dequantiser: SymbolDequantiser, room: Int? = nil
  ) throws -> [Float] {
    var features = [Float](repeating: .nan, count: room ?? symbols.count)
    try features.withUnsafeMutableBufferPointer { features in
      try symbols.withUnsafeBytes { try dequantiser.dequantise(symbols: $0, into: features) }
    }
    return features
  }
}
