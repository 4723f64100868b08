import SeededRandom
import Testing

@testable import FeatureCoding

@Suite struct SymbolSourceTests {
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

  /// A channel may be left out, and another be sent twice with two tables.
  @Test(arguments: [[0, 0, 2], [3], [2, 1, 0, 3, 3]])
  func pickedChannelsAreThose(picked: [UInt16]) throws {
    let (height, width, channels) = (3, 5, 4)
    var random = SplitMix64(seed: UInt64(picked.count))
    let features = noise(of: 256, count: height * width * channels, using: &random)
      .map { Int8(bitPattern: $0) }
    let tables = noise(of: 8, count: 256 * picked.count, using: &random)
    let symbols = try quantise(
      features, height, width, channels, picked: picked, tables: tables)
    let all = try quantise(features, height, width, channels, tables: nil)
    let expected = picked.enumerated().flatMap { place, channel in
      all[Int(channel) * 15..<(Int(channel) + 1) * 15].map { tables[place * 256 + Int($0 ^ 0x80)] }
    }
    #expect(symbols == expected)

    // Each coder codes them as it codes the symbols themselves.
    let shape = SymbolShape(height: height, width: width, channels: picked.count)
    var fitter = RangeFitter(shape: shape, alphabetSize: 8)
    for _ in 0..<RangeFitter.passes {
      try fitter.add(symbols)
      fitter.endPass()
    }
    for coder in [Coder.lzw, .range] {
      let code = try SymbolCode(
        coder, shape: shape, alphabetSize: 8, tables: coder == .range ? fitter.tables() : nil)
      let workspace = Workspace(
        SymbolEncoder.workspaceSize(coder: coder, shape: shape, alphabetSize: 8))
      var encoder = try SymbolEncoder(
        coder, shape: shape, alphabetSize: 8, tables: code.tables, workspace: workspace.bytes)
      let output = Workspace(code.worstCaseBytes)
      encoder.begin(output.bytes)
      try withSource(features, height, width, channels, picked: picked, tables: tables) {
        let stop = try encoder.encode($0, to: shape.count)
        #expect(stop == .symbols)
      }
      let count = try encoder.finish()
      #expect(Array(output.bytes[..<count]) == (try code.encode(symbols).payload))
    }
  }

  @Test func picksThatCannotBeAreRefused() {
    for (picked, expected, found) in [([0, 4], 4, 5), ([0, 1, 2], 2, 3)] as [([UInt16], Int, Int)] {
      #expect(throws: CodingError.lengthMismatch(expected: expected, found: found)) {
        try Self.features.withUnsafeBytes { features in
          try picked.withUnsafeBufferPointer { picked in
            _ = try SymbolSource(
              features: features, shape: SymbolShape(height: 1, width: 3, channels: 2),
              picked: picked, tensorChannels: 4, tables: nil, alphabetSize: 256)
          }
        }
      }
    }
  }

  @Test func otherLengthsAreRefused() {
    #expect(throws: CodingError.lengthMismatch(expected: 12, found: 11)) {
      try quantise(Array(Self.features.dropLast()), 2, 3, 2, tables: nil)
    }
    #expect(throws: CodingError.lengthMismatch(expected: 8, found: 12)) {
      try quantise(Self.features, 2, 2, 2, tables: nil)
    }
    var short = [UInt8](repeating: 0, count: 11)
    #expect(throws: CodingError.outputTooSmall(capacity: 11)) {
      try short.withUnsafeMutableBytes { short in
        try withSource(Self.features, 2, 3, 2) { try $0.copySymbols(into: short) }
      }
    }
  }

  private func quantise(
    _ features: [Int8], _ height: Int, _ width: Int, _ channels: Int, picked: [UInt16]? = nil,
    tables: [UInt8]?
  ) throws -> [UInt8] {
    var symbols = [UInt8](repeating: 0, count: height * width * (picked?.count ?? channels))
    try symbols.withUnsafeMutableBytes { symbols in
      try withSource(features, height, width, channels, picked: picked, tables: tables) {
        try $0.copySymbols(into: symbols)
      }
    }
    return symbols
  }

  private func withSource(
    _ features: [Int8], _ height: Int, _ width: Int, _ channels: Int, picked: [UInt16]? = nil,
    tables: [UInt8]? = nil, _ body: (SymbolSource) throws -> Void
  ) throws {
    let memory = Workspace(copying: tables ?? [])
    let places = Workspace(copying: (picked ?? []).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
    try features.withUnsafeBytes { features in
      try body(
        SymbolSource(
          features: features,
          shape: SymbolShape(height: height, width: width, channels: picked?.count ?? channels),
          picked: picked == nil
            ? nil : UnsafeBufferPointer(places.bytes.assumingMemoryBound(to: UInt16.self)),
          tensorChannels: channels,
          tables: tables == nil ? nil : UnsafeRawBufferPointer(memory.bytes),
          alphabetSize: tables.map { 1 + Int($0.max() ?? 0) } ?? 256))
    }
  }
}
