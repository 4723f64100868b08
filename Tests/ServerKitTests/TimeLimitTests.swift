import NIOCore
import NIOEmbedded
import OffloadWire
import Testing

@testable import ServerKit

/// The time limits, in a loop whose time the test moves.
struct TimeLimitTests {
  private struct Setting {
    let channel: NIOAsyncTestingChannel
    let core: ServerCore
    let bundle: TestBundle

    func advance(_ time: TimeAmount) async {
      await channel.testingEventLoop.advanceTime(by: time)
    }

    func send(_ bytes: some Sequence<UInt8> & Sendable) async throws {
      try await channel.writeInbound(ByteBuffer(bytes: bytes))
    }

    /// The frame that was sent since the last call.
    func reply() async throws -> Reply? {
      guard var bytes = try await channel.readOutbound(as: ByteBuffer.self) else { return nil }
      let type = bytes.readBytes(length: FrameHeader.size)?.first ?? 0
      return try Reply(RawClient.Frame(type: type, body: Array(bytes.readableBytesView)))
    }
  }

  private func setting() async throws -> Setting {
    var configuration = ServerConfiguration()
    configuration.helloTimeout = .seconds(5)
    configuration.frameTimeout = .seconds(10)
    configuration.idleTimeout = .seconds(60)
    let bundle = try TestBundle()
    let statistics = StatisticsCounter()
    let served = try ServedBundle(
      bundle.bundle, engine: FakeEngine(), configuration: configuration, statistics: statistics,
      now: { .now() })
    let core = ServerCore(
      configuration: configuration, bundles: try [#require(served)], statistics: statistics,
      logger: TestServer.silent, now: { .now() })
    let channel = NIOAsyncTestingChannel()
    try await channel.testingEventLoop.executeInContext {
      try channel.pipeline.syncOperations.addHandler(ConnectionHandler(core))
    }
    try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
    return Setting(channel: channel, core: core, bundle: bundle)
  }

  @Test func aConnectionThatSaysNothing() async throws {
    let setting = try await setting()
    await setting.advance(.milliseconds(4_999))
    #expect(try await setting.reply() == nil)
    #expect(setting.channel.isActive)
    await setting.advance(.milliseconds(2))
    #expect(try await setting.reply() == .error(.malformed))
    #expect(!setting.channel.isActive)
  }

  @Test func aHelloThatDripsInGetsNoMoreTime() async throws {
    let setting = try await setting()
    for byte in try Frames.hello(setting.bundle).prefix(9) {
      try await setting.send([byte])
      await setting.advance(.milliseconds(550))
    }
    // 4.95 s are over.
    #expect(setting.channel.isActive)
    await setting.advance(.milliseconds(100))
    #expect(try await setting.reply() == .error(.malformed))
    #expect(!setting.channel.isActive)
  }

  @Test func aFrameThatDripsInGetsNoMoreTime() async throws {
    let setting = try await setting()
    try await setting.send(Frames.hello(setting.bundle))
    #expect(try await setting.reply() == .welcome(maximumBodyLength: 12))
    await setting.advance(.seconds(30))
    for byte in try Ping(nonce: 1).encoded().dropLast() {
      try await setting.send([byte])
      await setting.advance(.milliseconds(650))
    }
    // 9.75 s since the ping's first byte.
    #expect(setting.channel.isActive)
    await setting.advance(.milliseconds(300))
    #expect(try await setting.reply() == .error(.malformed))
    #expect(!setting.channel.isActive)
  }

  @Test func aFrameInTimeStartsTheIdleTimeAnew() async throws {
    let setting = try await setting()
    try await setting.send(Frames.hello(setting.bundle))
    #expect(try await setting.reply() == .welcome(maximumBodyLength: 12))
    for nonce in 0..<4 as Range<UInt64> {
      await setting.advance(.seconds(59))
      try await setting.send(Ping(nonce: nonce).encoded())
      #expect(try await setting.reply() == .pong(nonce))
    }
    await setting.advance(.milliseconds(59_999))
    #expect(setting.channel.isActive)
    await setting.advance(.milliseconds(2))
    #expect(try await setting.reply() == nil)
    #expect(!setting.channel.isActive)
    #expect(setting.core.statistics.current.errors == 0)
  }
}
