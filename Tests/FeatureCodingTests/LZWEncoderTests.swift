import SeededRandom
import Testing

@testable import FeatureCoding

@Suite struct LZWEncoderTests {
  /// No string of the alphabet is longer coded than the bound, whatever the dictionary's size.
  @Test(arguments: [(1, 40), (2, 12), (3, 7), (4, 5)], [4096, 8, 5, 4])
  func noStringExceedsTheWorstCase(
    small: (alphabetSize: Int, longest: Int), codeLimit: Int
  ) throws {
    let reference = ReferenceLZW(alphabetSize: small.alphabetSize, codeLimit: codeLimit)
    for length in 0...small.longest {
      let bound = LZWEncoder.worstCaseBytes(
        symbols: length, alphabetSize: small.alphabetSize, codeLimit: codeLimit)
      for symbols in everyString(alphabetSize: small.alphabetSize, length: length) {
        let bits = reference.codes(symbols).reduce(0) { $0 + $1.bits }
        if (bits + 7) / 8 > bound { Issue.record("\(symbols): \(bits) bits, \(bound) bytes") }
      }
    }
  }

  /// Where every pair of symbols can be new, the bound is what it costs.
  @Test(arguments: [1, 2, 100, 3840, 3841, 3842, 5000, 7682, 7683, 11000])
  func theWorstCaseIsReached(count: Int) throws {
    let payload = try LZW.encode(newPairs(of: 256, count: count), alphabetSize: 256)
    #expect(payload.count == LZWEncoder.worstCaseBytes(symbols: count, alphabetSize: 256))
  }

  /// The bound's own sums, done code by code: an epoch's codes take the shortest strings that give
  /// new entries, all but its last, which gives none and is one symbol.
  @Test(arguments: [1, 2, 3, 8, 17, 256])
  func theWorstCaseIsTheSumOfTheShortestStrings(alphabetSize: Int) {
    var lengths: [Int] = []  // of an epoch's strings, by code
    var strings = alphabetSize * alphabetSize
    for length in 1... where lengths.count < 4096 - alphabetSize {
      lengths += Array(repeating: length, count: min(strings, 4096 - alphabetSize - lengths.count))
      strings = min(strings, 4096) * alphabetSize
      if lengths.count == 4096 - alphabetSize { break }
    }

    // By symbols, the bits: a code counts as soon as one symbol of it is there, for it could be
    // the payload's last.
    var bits = [0]
    while bits.count <= 13_000 {
      for (code, length) in (lengths + [1]).enumerated() {
        let total = bits[bits.count - 1] + LZW.codeWidth(dictionarySize: alphabetSize + code)
        bits += Array(repeating: total, count: length)
      }
    }
    for symbols in 0...13_000 {
      let bound = LZWEncoder.worstCaseBytes(symbols: symbols, alphabetSize: alphabetSize)
      if bound != (bits[symbols] + 7) / 8 { Issue.record("\(symbols): \(bound)") }
    }
  }

  @Test func theWorstCaseOfEightSymbolsStaysNearFourBits() {
    // docs/protocol.md has this figure.
    #expect(LZWEncoder.worstCaseBytes(symbols: 32 * 32 * 19, alphabetSize: 8) == 9364)
    #expect(LZWEncoder.worstCaseBytes(symbols: .max, alphabetSize: 8) == .max)
  }

  @Test func theDictionaryFitsItsBudget() {
    for alphabetSize in LZW.alphabetSizes {
      #expect(LZWEncoder.workspaceSize(alphabetSize: alphabetSize) <= 20_480)
      #expect(LZWDecoder.workspaceSize(alphabetSize: alphabetSize) <= 16_384)
    }
    #expect(LZWEncoder.workspaceSize(alphabetSize: 8, symbols: 8 * 8 * 19) == 5 * 1224)
  }

  /// A workspace for so many symbols takes any of them, and says so if there are more.
  @Test(arguments: [1, 2, 8, 256])
  func aWorkspaceForFewSymbolsSuffices(alphabetSize: Int) throws {
    for count in [0, 1, 2, 3, 10, 200] {
      let size = LZWEncoder.workspaceSize(alphabetSize: alphabetSize, symbols: count)
      let symbols = newPairs(of: alphabetSize, count: count)
      let payload = try encode(
        symbols, alphabetSize: alphabetSize, workspace: size, output: 5000)
      #expect(payload == ReferenceLZW(alphabetSize: alphabetSize).encode(symbols))
    }
    let size = LZWEncoder.workspaceSize(alphabetSize: alphabetSize, symbols: 10)
    #expect(throws: CodingError.workspaceTooSmall(capacity: size)) {
      try encode(
        newPairs(of: alphabetSize, count: 1000), alphabetSize: alphabetSize, workspace: size,
        output: 5000)
    }
  }

  @Test func everyOutputTooSmallIsRefused() throws {
    var random = SplitMix64(seed: 8)
    let symbols = runs(of: 8, count: 300, using: &random)
    let payload = try LZW.encode(symbols, alphabetSize: 8)
    for capacity in 0..<payload.count {
      #expect(throws: CodingError.outputTooSmall(capacity: capacity)) {
        try encode(symbols, alphabetSize: 8, workspace: 20_480, output: capacity)
      }
    }
    #expect(
      try encode(symbols, alphabetSize: 8, workspace: 20_480, output: payload.count) == payload)
  }

  /// The workspace's content does not matter, nor what was coded before.
  @Test func anEncoderCanBeUsedAgain() throws {
    var random = SplitMix64(seed: 9)
    var workspace = [UInt16](repeating: .max, count: 10_240)
    var output = [UInt8](repeating: 0, count: 20_000)
    try workspace.withUnsafeMutableBytes { workspace in
      var encoder = LZWEncoder(alphabetSize: 8, workspace: workspace)
      for _ in 0..<4 {
        let symbols = runs(of: 8, count: 20_000, using: &random)
        let count = try output.withUnsafeMutableBytes { output in
          try symbols.withUnsafeBytes { try encoder.encode($0, into: output) }
        }
        #expect(Array(output.prefix(count)) == ReferenceLZW(alphabetSize: 8).encode(symbols))
      }
    }
  }

  private func encode(
    _ symbols: [UInt8], alphabetSize: Int, workspace: Int, output: Int
  ) throws -> [UInt8] {
    var memory = [UInt16](repeating: .max, count: (workspace + 1) / 2)
    var bytes = [UInt8](repeating: 0, count: output)
    let count = try memory.withUnsafeMutableBytes { memory in
      var encoder = LZWEncoder(
        alphabetSize: alphabetSize,
        workspace: UnsafeMutableRawBufferPointer(rebasing: memory.prefix(workspace)))
      return try bytes.withUnsafeMutableBytes { bytes in
        try symbols.withUnsafeBytes { try encoder.encode($0, into: bytes) }
      }
    }
    return Array(bytes.prefix(count))
  }
}
