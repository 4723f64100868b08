import SeededRandom
import Testing

@testable import FeatureCoding

@Suite struct RangeFitterTests {
  @Test func theSameImagesGiveTheSameTables() throws {
    let shape = SymbolShape(height: 5, width: 6, channels: 4)
    var random = SplitMix64(seed: 3)
    let images = (0..<8).map { _ in Coded.image(shape, alphabetSize: 8, using: &random) }
    let blob = try RangeFitter.fit(images, shape: shape, alphabetSize: 8)
    #expect(try RangeFitter.fit(images, shape: shape, alphabetSize: 8) == blob)
    #expect(try RangeFitter.fit(images.reversed(), shape: shape, alphabetSize: 8) == blob)
  }

  /// What no image had can be coded all the same, by tables of no images at all too.
  @Test(arguments: [0, 1], [1, 2, 8, 64, 256])
  func everySymbolCanBeCoded(images: Int, alphabetSize: Int) throws {
    let shape = SymbolShape(height: 4, width: 4, channels: 3)
    let zeros = [UInt8](repeating: 0, count: shape.count)
    let blob = try RangeFitter.fit(
      Array(repeating: zeros, count: images), shape: shape, alphabetSize: alphabetSize)
    let code = try SymbolCode(.range, shape: shape, alphabetSize: alphabetSize, tables: blob)
    var random = SplitMix64(seed: 4)
    let symbols = noise(of: alphabetSize, count: shape.count, using: &random)
    let payload = try code.encode(symbols).payload
    #expect(payload.count <= code.worstCaseBytes)
    #expect(try code.decode(payload) == symbols)
  }

  /// Symbols that are the neighbour's or the earlier channel's cost next to nothing: each of these
  /// is known from one place.
  @Test(arguments: [(1, 0), (0, 1), (1, 1), (1, -1)])
  func whatANeighbourSaysIsFound(down: Int, right: Int) throws {
    let shape = SymbolShape(height: 8, width: 8, channels: 2)
    var random = SplitMix64(seed: 5)
    let images = (0..<60).map { _ in
      let first = noise(of: 4, count: 64, using: &random)
      // The second channel is the first, moved where a reference can look.
      let second = (0..<64).map { pixel in
        let row = min(max(pixel / 8 + down, 0), 7)
        let column = min(pixel % 8 + max(right, 0), 7)
        return first[row * 8 + column]
      }
      return first + second
    }
    let blob = try RangeFitter.fit(images.dropLast(), shape: shape, alphabetSize: 4)
    let code = try SymbolCode(.range, shape: shape, alphabetSize: 4, tables: blob)
    // Two bits for each of the first channel's.
    #expect(try code.encode(images.last!).payload.count <= 16 + 3)
  }

  /// Noise has one context, and its payload is the one by the same tables without saying so.
  @Test func whatNeighboursDoNotSayHasOneContext() throws {
    let shape = SymbolShape(height: 8, width: 8, channels: 3)
    var random = SplitMix64(seed: 6)
    let images = (0..<200).map { _ in
      let first = noise(of: 4, count: 64, using: &random)
      // The second channel is the first once more, the third noise.
      return first + first + noise(of: 4, count: 64, using: &random)
    }
    let blob = try RangeFitter.fit(images, shape: shape, alphabetSize: 4)
    let flags = (0..<3).map { RangeTables.headerSize + $0 * RangeTables.recordSize + 19 }
    #expect(flags.map { blob[$0] } == [1, 0, 1])
    var plain = blob
    for flag in flags { plain[flag] = 0 }
    let code = try SymbolCode(.range, shape: shape, alphabetSize: 4, tables: blob)
    let same = try SymbolCode(.range, shape: shape, alphabetSize: 4, tables: plain)
    for symbols in images.prefix(20) {
      for limit in [1, 63, 64, 100, 129, 192] {
        let payload = try code.encode(symbols, limit: limit).payload
        #expect(try same.encode(symbols, limit: limit).payload == payload)
        #expect(try code.decode(payload, symbols: limit) == Array(symbols.prefix(limit)))
      }
      for budget in [0, 1, 7, 16, 20] {
        let found = try code.encode(symbols, budget: budget)
        let expected = try same.encode(symbols, budget: budget)
        #expect(found.payload == expected.payload && found.symbols == expected.symbols)
      }
    }
    // A channel whose neighbours count cannot say that it has one context.
    var wrong = blob
    wrong[flags[1]] = 1
    #expect(throws: CodingError.self) { try TableBlob(wrong) }
  }

  @Test func imagesOfAnotherKindAreRefused() {
    var fitter = RangeFitter(
      shape: SymbolShape(height: 2, width: 2, channels: 1), alphabetSize: 3)
    #expect(throws: CodingError.lengthMismatch(expected: 4, found: 3)) {
      try fitter.add([0, 1, 2])
    }
    #expect(throws: CodingError.symbolOutOfRange(symbol: 3, alphabetSize: 3)) {
      try fitter.add([0, 1, 2, 3])
    }
  }

  @Test func logarithmsAreTheExponents() {
    for exponent in -30...30 {
      let power =
        exponent < 0 ? 1 / Double(1 << -exponent) : Double(1 << exponent)
      #expect(binaryLogarithm(power) == Double(exponent))
    }
    #expect(abs(binaryLogarithm(3) - 1.584962500721156) < 1e-14)
    #expect(abs(binaryLogarithm(0.1) + 3.321928094887362) < 1e-14)
  }
}
