import NIOCore
import NIOEmbedded
import OffloadWire
import Synchronization
import Testing

@testable import ServerKit

/// One connection in a loop whose time the test moves: time limits, and reading no faster than the
/// device does.
struct ConnectionHandlerTests {
  private struct Setting {
    let channel: NIOAsyncTestingChannel
    let core: ServerCore
    let bundle: TestBundle
    let reads: ReadCounter

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
    let reads = ReadCounter()
    try await channel.testingEventLoop.executeInContext {
      try channel.pipeline.syncOperations.addHandlers(
        ReadCountingHandler(reads), ConnectionHandler(core))
    }
    try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
    return Setting(channel: channel, core: core, bundle: bundle, reads: reads)
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

  @Test func aDeviceThatDoesNotReadIsNotReadFrom() async throws {
    let setting = try await setting()
    let loop = setting.channel.testingEventLoop
    func reads(writable: Bool) async throws -> Int {
      try await loop.executeInContext {
        setting.channel.isWritable = writable
        setting.channel.pipeline.fireChannelWritabilityChanged()
        return setting.reads.count
      }
    }
    func read() async throws -> Int {
      try await loop.executeInContext {
        setting.channel.pipeline.read()
        return setting.reads.count
      }
    }
    let start = try await read()
    #expect(try await read() == start + 1)
    #expect(try await reads(writable: false) == start + 1)
    #expect(try await read() == start + 1)
    #expect(try await read() == start + 1)
    // One read makes up for those held back.
    #expect(try await reads(writable: true) == start + 2)
    #expect(try await read() == start + 3)
    #expect(try await reads(writable: false) == start + 3)
    #expect(try await reads(writable: true) == start + 3)
  }
}

/// How many times the socket was asked for more.
private final class ReadCounter: Sendable {
  private let value = Mutex(0)

  var count: Int { value.withLock { $0 } }
  func increment() { value.withLock { $0 += 1 } }
}

private final class ReadCountingHandler: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer
  private let counter: ReadCounter

  init(_ counter: ReadCounter) {
    self.counter = counter
  }

  func read(context: ChannelHandlerContext) {
    counter.increment()
    context.read()
  }
}
