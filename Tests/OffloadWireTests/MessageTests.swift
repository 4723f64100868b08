import OffloadWire
import Testing

/// The messages of errors and refusals.
@Suite struct MessageTests {
  @Test func aLongMessageIsCutBetweenCharacters() throws {
    let text = String(repeating: "é", count: 127) + "x" + "é" + "y"
    let bytes = try ErrorFrame.encoded(code: .undecodable, text: text)
    #expect(
      try DecodedFrame(bytes)
        == .error(.undecodable, message: Array((String(repeating: "é", count: 127) + "x").utf8)))
    let refusal = try Refusal.encoded(
      id: 5, code: .expired, retryAfterMilliseconds: 7, text: text)
    #expect(
      try DecodedFrame(refusal)
        == .refusal(
          id: 5, .expired, retryAfter: 7,
          message: Array((String(repeating: "é", count: 127) + "x").utf8)))
  }

  @Test func aMessageIsShownOnOneLine() {
    for (message, text) in [
      (Array("no\nsuch\u{1B}[31m bundle".utf8), "no such [31m bundle"),
      ([0x61, 0xFF, 0x62], "a\u{FFFD}b"),
      ([], ""),
    ] {
      let shown = message.withUnsafeBytes { view in
        (
          error: ErrorFrame(code: .busy, message: view).text,
          refusal: Refusal(id: 1, code: .busy, message: view).text
        )
      }
      #expect(shown == (text, text))
    }
  }
}
