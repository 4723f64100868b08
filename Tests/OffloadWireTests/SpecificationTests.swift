import Foundation
import OffloadWire
import Testing

/// The bytes that `docs/protocol.md` prints are the bytes that these tests use.
@Suite struct SpecificationTests {
  let page: String

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    page = try String(contentsOf: root.appending(path: "docs/protocol.md"), encoding: .utf8)
  }

  @Test(arguments: FrameBytes.all)
  func everyFrameIsPrinted(bytes: [UInt8]) {
    let row = page.split(separator: "\n").first { $0.contains("`\(hex(bytes.prefix(8)))`") }
    let printed = row.map { row in
      row.split(separator: "`", omittingEmptySubsequences: false).enumerated()
        .filter { $0.offset % 2 == 1 }.map { String($0.element) }.joined(separator: " ")
    }
    let expected = hex(bytes[...]).replacing(hex(FrameBytes.digest[...]), with: "A0 A1 … BF")
    #expect(printed == expected)
  }

  @Test func theExamplesPayloadIsPrinted() {
    #expect(page.contains("A = 4, the symbols 0 1 0 1 0 1 0 2:"))
    #expect(page.contains("Fourteen bits and two of padding: `84 16`."))
  }

  @Test func theLimitsArePrinted() {
    for text in [
      "| body before the welcome | \(40 + WireProtocol.maximumTokenLength) |",
      "| token, message | \(WireProtocol.maximumTokenLength) each |",
      "| any body | \(WireProtocol.maximumBodyLength) |",
      "The server's port is \(WireProtocol.defaultPort) unless told otherwise.",
    ] {
      #expect(page.contains(text), "\(text)")
    }
  }

  private func hex(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
      .joined(separator: " ").uppercased()
  }
}
