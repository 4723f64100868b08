import Testing

@testable import DeviceKit

@Suite struct ServerTimeTests {
  @Test func texts() {
    #expect(ServerTime("measured") == .measured)
    #expect(ServerTime("0") == .pinned(microseconds: 0))
    #expect(ServerTime("1.25") == .pinned(microseconds: 1250))
    #expect(ServerTime("3600000") == .pinned(microseconds: 3_600_000_000))
    for text in ["", "Measured", "-1", "nan", "inf", "1ms", "3600001", " 1"] {
      #expect(ServerTime(text) == nil, "'\(text)'")
    }
  }
}
