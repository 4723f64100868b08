import OffloadWire
import Testing

@Suite struct ErrorFrameTests {
  @Test func aLongMessageIsCutBetweenCharacters() throws {
    let text = String(repeating: "é", count: 127) + "x" + "é" + "y"
    let bytes = try ErrorFrame.encoded(code: .undecodable, text: text)
    #expect(
      try DecodedFrame(bytes)
        == .error(.undecodable, message: Array((String(repeating: "é", count: 127) + "x").utf8)))
  }

  @Test func aMessageIsShownOnOneLine() {
    for (message, text) in [
      (Array("no\nsuch\u{1B}[31m bundle".utf8), "no such [31m bundle"),
      ([0x61, 0xFF, 0x62], "a\u{FFFD}b"),
      ([], ""),
    ] {
      let shown = message.withUnsafeBytes { view in
        ErrorFrame(code: .busy, message: view).text
      }
      #expect(shown == text)
    }
  }
}
