import SeededRandom
import Testing

@testable import FeatureCoding

@Suite struct LZWDecoderTests {
  /// Symbols of several kinds, with their alphabets.
  static let samples: [(alphabetSize: Int, symbols: [UInt8])] = {
    var random = SplitMix64(seed: 5)
    return [
      (1, Array(repeating: 0, count: 100)), (2, runs(of: 2, count: 150, using: &random)),
      (8, runs(of: 8, count: 200, using: &random)), (8, noise(of: 8, count: 100, using: &random)),
      (200, noise(of: 200, count: 70, using: &random)),
      (256, runs(of: 256, count: 150, using: &random)),
    ]
  }()

  @Test(arguments: samples)
  func everyTruncationIsRefused(alphabetSize: Int, symbols: [UInt8]) throws {
    let payload = try LZW.encode(symbols, alphabetSize: alphabetSize)
    for length in 0..<payload.count {
      let error = #expect(throws: CodingError.self) {
        try LZW.decode(
          Array(payload.prefix(length)), symbolCount: symbols.count, alphabetSize: alphabetSize)
      }
      guard case .truncated(let decoded, symbols.count) = error else {
        Issue.record("\(length) bytes: \(String(describing: error))")
        continue
      }
      #expect(decoded < symbols.count)
    }
  }

  @Test(arguments: samples)
  func whatFollowsIsRefused(alphabetSize: Int, symbols: [UInt8]) throws {
    let payload = try LZW.encode(symbols, alphabetSize: alphabetSize)
    for extra in 1...3 {
      #expect(throws: CodingError.trailingBytes(count: extra)) {
        try LZW.decode(
          payload + Array(repeating: 0, count: extra), symbolCount: symbols.count,
          alphabetSize: alphabetSize)
      }
    }
  }

  /// A flipped bit gives what the reference makes of it, or an error where it has none.
  @Test(arguments: samples)
  func everyBitFlipIsDecodedOrRefusedAsTheReferenceDoes(
    alphabetSize: Int, symbols: [UInt8]
  ) throws {
    let reference = ReferenceLZW(alphabetSize: alphabetSize)
    let payload = try LZW.encode(symbols, alphabetSize: alphabetSize)
    for bit in 0..<8 * payload.count {
      var flipped = payload
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      let decoded = try? LZW.decode(
        flipped, symbolCount: symbols.count, alphabetSize: alphabetSize)
      #expect(decoded == reference.decode(flipped, symbolCount: symbols.count))
    }
  }

  /// Small alphabets and dictionaries, so that junk is often a payload; every eleventh word of junk.
  @Test(arguments: [(1, 2), (1, 5), (2, 4), (3, 6), (4, 4096)])
  func payloadsOfTwoBytesAreDecodedOrRefusedAsTheReferenceDoes(
    alphabetSize: Int, codeLimit: Int
  ) {
    let reference = ReferenceLZW(alphabetSize: alphabetSize, codeLimit: codeLimit)
    var accepted = 0
    for word in stride(from: 0, to: 1 << 16, by: 11) {
      let payload = [UInt8(word & 0xFF), UInt8(word >> 8)]
      for symbolCount in [5, 8, 11] {
        let decoded = try? LZW.decode(
          payload, symbolCount: symbolCount, alphabetSize: alphabetSize, codeLimit: codeLimit)
        let expected = reference.decode(payload, symbolCount: symbolCount)
        if decoded != expected { Issue.record("\(payload), \(symbolCount)") }
        if decoded != nil { accepted += 1 }
      }
    }
    #expect(accepted > 0)
  }

  @Test func junkNeverCrashesNorWritesTooFar() {
    var random = SplitMix64(seed: 6)
    for _ in 0..<2000 {
      let alphabetSize = Int.random(in: 1...256, using: &random)
      let symbolCount = Int.random(in: 0...300, using: &random)
      let payload = noise(of: 256, count: Int.random(in: 0...300, using: &random), using: &random)
      var output = [UInt8](repeating: 0xA5, count: symbolCount + 8)
      var workspace = [UInt32](
        repeating: .max, count: LZWDecoder.workspaceSize(alphabetSize: alphabetSize) / 4)
      let fine = workspace.withUnsafeMutableBytes { workspace in
        var decoder = LZWDecoder(alphabetSize: alphabetSize, workspace: workspace)
        return output.withUnsafeMutableBytes { output in
          payload.withUnsafeBytes { payload in
            (try? decoder.decode(payload, symbolCount: symbolCount, into: output)) != nil
          }
        }
      }
      #expect(output.suffix(8).allSatisfy { $0 == 0xA5 })
      if fine { #expect(output.prefix(symbolCount).allSatisfy { Int($0) < alphabetSize }) }
    }
  }

  @Test func eachErrorHasItsCause() {
    // Three of four: codes 0...2 are two bits wide, and 3 is none of them.
    #expect(throws: CodingError.undefinedCode(code: 3, dictionarySize: 3)) {
      try LZW.decode([0b11], symbolCount: 2, alphabetSize: 3)
    }
    // Code 0, then entry 2, which is two symbols where one is left.
    #expect(throws: CodingError.overrun(symbolCount: 2)) {
      try LZW.decode([0b100], symbolCount: 2, alphabetSize: 2)
    }
    #expect(throws: CodingError.nonZeroPadding) {
      try LZW.decode([0b1000_0000], symbolCount: 1, alphabetSize: 8)
    }
    #expect(throws: CodingError.truncated(symbolsDecoded: 0, symbolCount: 1)) {
      try LZW.decode([], symbolCount: 1, alphabetSize: 8)
    }
    #expect(throws: CodingError.outputTooSmall(capacity: 1)) {
      try LZW.decode([0], symbolCount: -1, alphabetSize: 8)
    }
  }

  @Test func aDecoderCanBeUsedAgainAfterAnError() throws {
    var workspace = [UInt32](repeating: 0, count: LZWDecoder.workspaceSize(alphabetSize: 8) / 4)
    let (alphabetSize, symbols) = Self.samples[2]
    var output = [UInt8](repeating: 0xA5, count: symbols.count)
    let payload = try LZW.encode(symbols, alphabetSize: alphabetSize)
    try workspace.withUnsafeMutableBytes { workspace in
      var decoder = LZWDecoder(alphabetSize: alphabetSize, workspace: workspace)
      try output.withUnsafeMutableBytes { output in
        try payload.withUnsafeBytes { payload in
          let half = UnsafeRawBufferPointer(rebasing: payload.prefix(payload.count / 2))
          #expect(throws: CodingError.self) {
            try decoder.decode(half, symbolCount: symbols.count, into: output)
          }
          try decoder.decode(payload, symbolCount: symbols.count, into: output)
        }
      }
    }
    #expect(output == symbols)
  }
}
