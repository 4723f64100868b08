import SeededRandom
import Testing

@testable import FeatureCoding

@Suite struct RangeTablesTests {
  static func bytes(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
  }

  private static func code(_ fixture: RangeFixture.Case, _ tables: [UInt8]) throws -> SymbolCode {
    try SymbolCode(
      .range,
      shape: SymbolShape(
        height: fixture.height, width: fixture.width, channels: fixture.channels),
      alphabetSize: fixture.alphabetSize, tables: tables)
  }

  /// The bytes of an independent implementation, over tables that no fitting made.
  @Test(arguments: RangeFixture.cases.indices)
  func payloadsAreTheOracles(index: Int) throws {
    let fixture = RangeFixture.cases[index]
    let code = try Self.code(fixture, Self.bytes(fixture.tables))
    let symbols = Self.bytes(fixture.symbols)
    for (count, payload) in fixture.payloads {
      let payload = Self.bytes(payload)
      #expect(try code.encode(symbols, limit: count).payload == payload)
      #expect(try code.decode(payload, symbols: count) == Array(symbols.prefix(count)))
    }
  }

  @Test(arguments: RangeFixture.cases.indices)
  func everyTruncationIsRefused(index: Int) {
    let blob = Self.bytes(RangeFixture.cases[index].tables)
    for count in 0..<blob.count {
      #expect(throws: CodingError.self) { try TableBlob(Array(blob.prefix(count))) }
    }
  }

  /// A changed byte is refused, or what is left are tables: every symbol can be coded by them, and
  /// nothing leads out of them. Run with -sanitize=address to hold that to the byte.
  @Test(arguments: RangeFixture.cases.indices)
  func everyChangedByteIsRefusedOrHarmless(index: Int) throws {
    let fixture = RangeFixture.cases[index]
    let blob = Self.bytes(fixture.tables)
    let symbols = Self.bytes(fixture.symbols)
    var refused = 0
    for offset in stride(from: 0, to: blob.count, by: blob.count > 2000 ? 7 : 1) {
      for change in [UInt8(1), 0x80, 0xFF] {
        var changed = blob
        changed[offset] ^= change
        guard let code = try? Self.code(fixture, changed) else {
          refused += 1
          continue
        }
        let payload = try code.encode(symbols).payload
        #expect(try code.decode(payload) == symbols)
      }
    }
    #expect(refused > 0)
  }

  @Test func othersTablesAreRefused() throws {
    let blob = Self.bytes(RangeFixture.cases[2].tables)  // 8 symbols, 4 channels
    for (channels, alphabetSize) in [(3, 8), (5, 8), (4, 7), (4, 9)] {
      #expect(throws: CodingError.tablesMismatch) {
        try SymbolCode(
          .range, shape: SymbolShape(height: 4, width: 5, channels: channels),
          alphabetSize: alphabetSize, tables: blob)
      }
    }
    #expect(throws: CodingError.tablesMismatch) {
      try SymbolCode(.range, shape: SymbolShape(height: 1, width: 1, channels: 1), alphabetSize: 2)
    }
  }
}
