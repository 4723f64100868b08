import SeededRandom
import Testing

@testable import FeatureCoding

@Suite struct SymbolQuantiserTests {
  /// int8 features [2,3,2], all different.
  static let features: [Int8] = [-128, 0, -127, 1, -126, 2, -1, 125, 50, 126, 60, 127]

  @Test func symbolsGoChannelRowColumn() throws {
    let symbols = try quantise(Self.features, 2, 3, 2, tables: nil)
    let expected: [Int8] = [-128, -127, -126, -1, 50, 60, 0, 1, 2, 125, 126, 127]
    #expect(symbols == expected.map { UInt8(bitPattern: $0) })
  }

  @Test func aTableIsIndexedByTheValuePlus128() throws {
    let table = (0...255).map { UInt8($0) }
    let symbols = try quantise(Self.features, 2, 3, 2, tables: table)
    #expect(symbols == [0, 1, 2, 127, 178, 188, 128, 129, 130, 253, 254, 255])
  }

  @Test func eachChannelCanHaveItsOwnTable() throws {
    let tables = (0...255).map { UInt8($0) } + (0...255).map { UInt8(255 - $0) }
    let symbols = try quantise(Self.features, 2, 3, 2, tables: tables)
    #expect(symbols == [0, 1, 2, 127, 178, 188, 127, 126, 125, 2, 1, 0])
  }

  /// Against the sentence of the specification, over shapes that are not square.
  @Test(arguments: [(1, 1, 1), (1, 5, 3), (4, 1, 19), (3, 7, 2), (8, 8, 19)], [false, true])
  func everyFeatureGoesToItsPlace(shape: (Int, Int, Int), perChannel: Bool) throws {
    let (height, width, channels) = shape
    var random = SplitMix64(seed: UInt64(height * 100 + width))
    let features = noise(of: 256, count: height * width * channels, using: &random)
    let tables = noise(of: 8, count: 256 * (perChannel ? channels : 1), using: &random)
    let symbols = try quantise(
      features.map { Int8(bitPattern: $0) }, height, width, channels, tables: tables)
    for channel in 0..<channels {
      for row in 0..<height {
        for column in 0..<width {
          let value = Int(Int8(bitPattern: features[(row * width + column) * channels + channel]))
          let table = tables[(perChannel ? channel * 256 : 0)...]
          let expected = table[table.startIndex + value + 128]
          #expect(symbols[(channel * height + row) * width + column] == expected)
        }
      }
    }
  }

  @Test func codingInOnePassGivesTheSameBytes() throws {
    var random = SplitMix64(seed: 10)
    let features = noise(of: 256, count: 8 * 8 * 19, using: &random)
    let table = (0...255).map { UInt8($0 / 32) }
    let symbols = try quantise(
      features.map { Int8(bitPattern: $0) }, 8, 8, 19, tables: table)
    var workspace = [UInt16](repeating: 0, count: 10_240)
    var output = [UInt8](repeating: 0, count: 4000)
    let count = try workspace.withUnsafeMutableBytes { workspace in
      var encoder = LZWEncoder(alphabetSize: 8, workspace: workspace)
      return try table.withUnsafeBytes { table in
        let quantiser = SymbolQuantiser(height: 8, width: 8, channels: 19, tables: table)
        return try output.withUnsafeMutableBytes { output in
          try features.withUnsafeBytes {
            try quantiser.encode(features: $0, with: &encoder, into: output)
          }
        }
      }
    }
    #expect(Array(output.prefix(count)) == (try LZW.encode(symbols, alphabetSize: 8)))
  }

  @Test func otherLengthsAreRefused() {
    #expect(throws: CodingError.lengthMismatch(expected: 12, found: 11)) {
      try quantise(Array(Self.features.dropLast()), 2, 3, 2, tables: nil)
    }
    #expect(throws: CodingError.lengthMismatch(expected: 8, found: 12)) {
      try quantise(Self.features, 2, 2, 2, tables: nil)
    }
    let quantiser = SymbolQuantiser(height: 2, width: 3, channels: 2, tables: nil)
    var short = [UInt8](repeating: 0, count: 11)
    #expect(throws: CodingError.outputTooSmall(capacity: 11)) {
      try short.withUnsafeMutableBytes { short in
        try Self.features.withUnsafeBytes { try quantiser.quantise(features: $0, into: short) }
      }
    }
  }

  private func quantise(
    _ features: [Int8], _ height: Int, _ width: Int, _ channels: Int, tables: [UInt8]?
  ) throws -> [UInt8] {
    var symbols = [UInt8](repeating: 0, count: height * width * channels)
    func run(_ tables: UnsafeRawBufferPointer?) throws {
      let quantiser = SymbolQuantiser(
        height: height, width: width, channels: channels, tables: tables)
      try symbols.withUnsafeMutableBytes { symbols in
        try features.withUnsafeBytes { try quantiser.quantise(features: $0, into: symbols) }
      }
    }
    if let tables { try tables.withUnsafeBytes { try run($0) } } else { try run(nil) }
    return symbols
  }
}
