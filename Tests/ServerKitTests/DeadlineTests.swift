import NIOCore
import NIOEmbedded
import OffloadWire
import Testing

@testable import ServerKit

/// Requests with a time limit, in a time that the test moves.
struct DeadlineTests {
  /// The example of docs/protocol.md: its first byte holds the symbols 0 1 0 1.
  private let symbols: [UInt8] = [0, 1, 0, 1, 0, 1, 0, 2]
  private let payload: [UInt8] = [0x84, 0x16]

  private func prefix(_ id: UInt32, _ setting: ConnectionSetting) throws -> Reply {
    try .expected(id: id, symbols: [0, 1, 0, 1], of: setting.bundle)
  }

  private func whole(_ id: UInt32, _ setting: ConnectionSetting) throws -> Reply {
    try .expected(id: id, symbols: symbols, of: setting.bundle)
  }

  @Test func whenTimeRunsOutTheCertainSymbolsAnswer() async throws {
    let setting = try await ConnectionSetting.greeted()
    try await setting.send(
      Frames.infer(id: 1, timeLeft: 25_000) + Frames.chunk(id: 1, payload.prefix(1)))
    await setting.advance(.microseconds(24_999))
    #expect(setting.core.statistics.current.requests == 0)
    await setting.advance(.microseconds(1))
    #expect(try await setting.answer() == prefix(1, setting))
    #expect(setting.core.statistics.current.prefixes == 1)
    // What the device sent before it had the answer is not looked at, and the next request is good.
    try await setting.send(
      Frames.chunk(id: 1, [0xFF]) + Frames.end(id: 1, [0xFF]) + Frames.cancel(id: 1)
        + Frames.request(id: 2, payload: payload))
    #expect(try await setting.answer() == whole(2, setting))
    #expect(setting.core.statistics.current.errors == 0)
  }

  @Test func whatComesWhileTheEarlyAnswerIsMadeIsIgnored() async throws {
    let setting = try await ConnectionSetting.greeted()
    setting.network.gate.shut()
    try await setting.send(
      Frames.infer(id: 1, timeLeft: 25_000) + Frames.chunk(id: 1, payload.prefix(1)))
    await setting.advance(.milliseconds(25))
    try await setting.send(Frames.chunk(id: 1, [0xFF]) + Frames.end(id: 1, payload.suffix(1)))
    setting.network.gate.open()
    #expect(try await setting.answer() == prefix(1, setting))
    try await setting.send(Frames.request(id: 2, payload: payload))
    #expect(try await setting.answer() == whole(2, setting))
  }

  @Test func theServersOwnTimeIsTakenOff() async throws {
    let setting = try await ConnectionSetting.greeted()
    let bundle = try #require(setting.core.bundles[setting.bundle.digest])
    let path = try #require(bundle.paths[0])
    #expect(path.estimate.current == .zero)
    // A moving average of 8 ms with a deviation of 1.
    for _ in 0..<200 {
      path.estimate.add(.milliseconds(7))
      path.estimate.add(.milliseconds(9))
    }
    let estimate = path.estimate.current
    #expect((.milliseconds(9)...(.milliseconds(11))).contains(estimate))
    try await setting.send(
      Frames.infer(id: 1, timeLeft: 25_000) + Frames.chunk(id: 1, payload.prefix(1)))
    await setting.advance(.milliseconds(25) - estimate - .microseconds(1))
    #expect(setting.core.statistics.current.requests == 0)
    await setting.advance(.microseconds(2))
    #expect(try await setting.answer() == prefix(1, setting))
  }

  @Test func noTimeAtAll() async throws {
    let setting = try await ConnectionSetting.greeted()
    // What came together with infer counts.
    try await setting.send(
      Frames.infer(id: 1, timeLeft: 0) + Frames.chunk(id: 1, payload.prefix(1)))
    #expect(try await setting.answer() == prefix(1, setting))
    try await setting.send(Frames.request(id: 2, timeLeft: 0, payload: payload))
    #expect(try await setting.answer() == whole(2, setting))
    try await setting.send(Frames.infer(id: 3, timeLeft: 0))
    #expect(try await setting.answer() == .refusal(id: 3, .expired))
    // Its pieces come too late.
    try await setting.send(
      Frames.chunk(id: 3, payload) + Frames.end(id: 3) + Frames.request(id: 4, payload: payload))
    #expect(try await setting.answer() == whole(4, setting))
  }

  /// The longest time that can be said is 71 minutes; longer ones are none.
  @Test func aDay() async throws {
    for timeLeft in [nil, .max - 1] as [UInt32?] {
      let setting = try await ConnectionSetting.greeted()
      try await setting.send(Frames.infer(id: 1, timeLeft: timeLeft))
      await setting.advance(.seconds(39))
      try await setting.send(Frames.chunk(id: 1, payload.prefix(1)))
      #expect(try await setting.reply() == nil)
      try await setting.send(Frames.end(id: 1, payload.suffix(1)))
      #expect(try await setting.answer() == whole(1, setting))
      // Nothing is left of the limit.
      for nonce in 0..<90 as Range<UInt64> {
        await setting.advance(.seconds(59))
        try await setting.send(Ping(nonce: nonce).encoded())
        #expect(try await setting.reply() == .pong(nonce))
      }
      #expect(setting.core.statistics.current.predictions == 1)
    }
  }

  @Test func nothingCertainIsRefused() async throws {
    let setting = try await ConnectionSetting.greeted()
    try await setting.send(Frames.infer(id: 1, timeLeft: 10_000))
    await setting.advance(.milliseconds(10))
    #expect(try await setting.answer() == .refusal(id: 1, .expired))
    try await setting.send(Frames.request(id: 2, payload: payload))
    #expect(try await setting.answer() == whole(2, setting))
  }

  /// The link stalls in the middle of a frame: every byte that came counts.
  @Test func aFrameThatStallsCountsAsFarAsItCame() async throws {
    let chunk = try Frames.chunk(id: 1, payload)
    let end = try Frames.end(id: 1, payload)
    let cut = try Frames.end(id: 1, symbolCount: nil, payload)
    for (frame, offset) in [(chunk, Chunk.payloadOffset), (end, End.payloadOffset), (cut, 16)] {
      for count in 0..<frame.count {
        let setting = try await ConnectionSetting.greeted()
        try await setting.send(Frames.infer(id: 1, timeLeft: 10_000) + frame.prefix(count))
        await setting.advance(.milliseconds(10))
        let expected: Reply =
          count > offset ? try prefix(1, setting) : .refusal(id: 1, .expired)
        #expect(try await setting.answer() == expected, "\(count) of \(frame)")
        // The rest comes after all.
        try await setting.send(
          frame.dropFirst(count) + Frames.cancel(id: 1)
            + Frames.request(id: 2, payload: payload))
        #expect(try await setting.answer() == whole(2, setting))
      }
    }
  }

  /// The coder's last bytes of some of the symbols could be anything's if more followed.
  @Test func theEndOfAPrefixIsNotTakenForItsMiddle() async throws {
    let setting = try await ConnectionSetting.greeted()
    let frame = try Frames.end(id: 1, symbolCount: 5, Frames.payload([0, 1, 0, 1, 0]))
    try await setting.send(Frames.infer(id: 1, timeLeft: 10_000) + frame.dropLast())
    await setting.advance(.milliseconds(10))
    #expect(try await setting.answer() == .refusal(id: 1, .expired))
  }

  @Test func whatEndsInTimeIsAnsweredOnce() async throws {
    let setting = try await ConnectionSetting.greeted()
    setting.network.gate.shut()
    try await setting.send(Frames.request(id: 1, timeLeft: 10_000, payload: payload))
    await setting.advance(.milliseconds(20))
    setting.network.gate.open()
    #expect(try await setting.answer() == whole(1, setting))
    await setting.advance(.milliseconds(20))
    #expect(try await setting.reply() == nil)
    #expect(setting.core.statistics.current.requests == 1)
  }

  @Test func theTimeOfACancelledRequestIsNotTheNextOnes() async throws {
    let setting = try await ConnectionSetting.greeted()
    try await setting.send(
      Frames.infer(id: 1, timeLeft: 10_000) + Frames.chunk(id: 1, payload.prefix(1))
        + Frames.cancel(id: 1) + Frames.infer(id: 2))
    await setting.advance(.seconds(1))
    #expect(try await setting.reply() == nil)
    try await setting.send(Frames.end(id: 2, payload))
    #expect(try await setting.answer() == whole(2, setting))
    #expect(setting.core.statistics.current.requests == 1)
  }

  @Test func aRequestThatDripsInGetsNoMoreTime() async throws {
    let setting = try await ConnectionSetting.greeted()
    try await setting.send(Frames.infer(id: 1))
    let chunk = try Frames.chunk(id: 1, payload.prefix(1))
    for byte in chunk {
      try await setting.send([byte])
      await setting.advance(.seconds(3))
    }
    // 39 s are over, of 40.
    #expect(setting.channel.isActive)
    #expect(try await setting.reply() == nil)
    await setting.advance(.seconds(1))
    #expect(try await setting.reply() == .error(.malformed))
    #expect(!setting.channel.isActive)
  }
}
