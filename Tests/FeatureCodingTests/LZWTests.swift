import SeededRandom
import Testing

@testable import FeatureCoding

@Suite struct LZWTests {
  /// Alphabet sizes with the length up to which all their strings are tried.
  static let small = [(1, 40), (2, 11), (3, 7), (4, 5), (5, 4)]

  @Test(arguments: small)
  func everyShortStringComesBackAndHasTheReferencesBytes(alphabetSize: Int, longest: Int) throws {
    let reference = ReferenceLZW(alphabetSize: alphabetSize)
    for length in 0...longest {
      for symbols in everyString(alphabetSize: alphabetSize, length: length) {
        let payload = try LZW.encode(symbols, alphabetSize: alphabetSize)
        #expect(payload == reference.encode(symbols), "\(symbols)")
        let back = try LZW.decode(payload, symbolCount: length, alphabetSize: alphabetSize)
        #expect(back == symbols)
      }
    }
  }

  /// With a dictionary of a few entries, short strings begin it anew several times.
  @Test(arguments: small, [0, 1, 2, 5])
  func everyShortStringOverflowsASmallDictionary(
    small: (alphabetSize: Int, longest: Int), entries: Int
  ) throws {
    let (alphabetSize, longest) = small
    let limit = alphabetSize + entries
    let reference = ReferenceLZW(alphabetSize: alphabetSize, codeLimit: limit)
    for length in max(0, longest - 2)...longest {
      for symbols in everyString(alphabetSize: alphabetSize, length: length) {
        let payload = try LZW.encode(symbols, alphabetSize: alphabetSize, codeLimit: limit)
        #expect(payload == reference.encode(symbols), "\(symbols)")
        #expect(reference.decode(payload, symbolCount: length) == symbols)
        let back = try LZW.decode(
          payload, symbolCount: length, alphabetSize: alphabetSize, codeLimit: limit)
        #expect(back == symbols)
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4, 7, 8, 9, 16, 100, 255, 256])
  func longStringsComeBackAndHaveTheReferencesBytes(alphabetSize: Int) throws {
    var random = SplitMix64(seed: UInt64(alphabetSize))
    let reference = ReferenceLZW(alphabetSize: alphabetSize)
    for count in [1000, 9000] {
      for symbols in [
        runs(of: alphabetSize, count: count, using: &random),
        noise(of: alphabetSize, count: count, using: &random),
        newPairs(of: alphabetSize, count: count),
      ] {
        let payload = try LZW.encode(symbols, alphabetSize: alphabetSize)
        #expect(payload == reference.encode(symbols))
        let back = try LZW.decode(payload, symbolCount: count, alphabetSize: alphabetSize)
        #expect(back == symbols)
      }
    }
  }

  /// Around the end of the first and the second epoch, where every pair is new.
  @Test(arguments: [1, 2])
  func theDictionaryBeginsAnewExactlyWhenItIsFull(epochs: Int) throws {
    let perEpoch = 4096 - 256 + 1
    let all = newPairs(of: 256, count: 2 * perEpoch + 2)
    let reference = ReferenceLZW(alphabetSize: 256)
    for count in epochs * perEpoch - 2...epochs * perEpoch + 2 {
      let symbols = Array(all.prefix(count))
      let payload = try LZW.encode(symbols, alphabetSize: 256)
      #expect(payload == reference.encode(symbols))
      #expect(try LZW.decode(payload, symbolCount: count, alphabetSize: 256) == symbols)
    }
  }

  @Test func widthsGrowExactlyWhenNeeded() {
    let widths = ReferenceLZW(alphabetSize: 8).codes(newPairs(of: 8, count: 40)).map(\.bits)
    #expect(widths.firstIndex(of: 4) == 1)  // eight entries before the first code, nine after
    #expect(widths.firstIndex(of: 5) == 9)  // 17 entries before the tenth
    #expect(LZW.codeWidth(dictionarySize: 1) == 1)
    for width in 1...12 {
      #expect(LZW.codeWidth(dictionarySize: 1 << width) == width)
      #expect(LZW.codeWidth(dictionarySize: 1 << width + 1) == width + 1)
    }
  }

  /// The example of `docs/protocol.md`; its fourth code names the entry that it completes itself.
  @Test func theSpecificationsExample() throws {
    let symbols: [UInt8] = [0, 1, 0, 1, 0, 1, 0, 2]
    let codes = ReferenceLZW(alphabetSize: 4).codes(symbols)
    #expect(codes.map(\.code) == [0, 1, 4, 6, 2])
    #expect(codes.map(\.bits) == [2, 3, 3, 3, 3])
    #expect(try LZW.encode(symbols, alphabetSize: 4) == [0x84, 0x16])
    #expect(try LZW.decode([0x84, 0x16], symbolCount: 8, alphabetSize: 4) == symbols)
  }

  @Test func noSymbolsAreNoBytes() throws {
    #expect(try LZW.encode([], alphabetSize: 8) == [])
    #expect(try LZW.decode([], symbolCount: 0, alphabetSize: 8) == [])
    #expect(throws: CodingError.trailingBytes(count: 1)) {
      try LZW.decode([0], symbolCount: 0, alphabetSize: 8)
    }
  }

  @Test func aSymbolOutsideTheAlphabetIsRefused() {
    #expect(throws: CodingError.symbolOutOfRange(symbol: 3, alphabetSize: 3)) {
      try LZW.encode([0, 3], alphabetSize: 3)
    }
  }
}
