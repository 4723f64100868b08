import NIOCore
import NIOEmbedded
import OffloadWire
import Synchronization
import Testing

@testable import ServerKit

/// One connection of a server, in a loop whose time the test moves; stages are timed by it too.
struct ConnectionSetting {
  let channel: NIOAsyncTestingChannel
  let core: ServerCore
  let bundle: TestBundle
  let network: FakeNetwork
  let reads = ReadCounter()

  init() async throws {
    var configuration = ServerConfiguration()
    configuration.helloTimeout = .seconds(5)
    configuration.frameTimeout = .seconds(10)
    configuration.requestTimeout = .seconds(40)
    configuration.idleTimeout = .seconds(60)
    let loop = NIOAsyncTestingEventLoop()
    let (bundle, network) = (try TestBundle(), FakeNetwork())
    let statistics = StatisticsCounter()
    let served = try ServedBundle(
      bundle.bundle, engine: FakeEngine(["tiny": network]), configuration: configuration,
      statistics: statistics, now: { loop.now })
    let core = ServerCore(
      configuration: configuration, bundles: try [#require(served)], statistics: statistics,
      logger: TestServer.silent, now: { loop.now })
    try await self.init(core, bundle, network, loop)
  }

  /// Another connection of the same server.
  init(sharing other: ConnectionSetting) async throws {
    try await self.init(
      other.core, other.bundle, other.network, other.channel.testingEventLoop)
  }

  private init(
    _ core: ServerCore, _ bundle: TestBundle, _ network: FakeNetwork,
    _ loop: NIOAsyncTestingEventLoop
  ) async throws {
    let channel = NIOAsyncTestingChannel(loop: loop)
    let reads = reads
    try await loop.executeInContext {
      try channel.pipeline.syncOperations.addHandlers(
        ReadCountingHandler(reads), ConnectionHandler(core))
    }
    try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
    self.channel = channel
    self.core = core
    self.bundle = bundle
    self.network = network
  }

  /// A connection that has been welcomed.
  static func greeted() async throws -> ConnectionSetting {
    let setting = try await ConnectionSetting()
    try await setting.greet()
    return setting
  }

  func greet() async throws {
    try await send(Frames.hello(bundle))
    #expect(try await reply() == .welcome(maximumBodyLength: 12))
  }

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

  /// The next frame, for which the worker may need real time; nil after ten seconds.
  func answer() async throws -> Reply? {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .seconds(10) {
      await channel.testingEventLoop.run()
      if let reply = try await reply() { return reply }
      try await Task.sleep(for: .microseconds(100))
    }
    return nil
  }
}

/// How many times the socket was asked for more.
final class ReadCounter: Sendable {
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
