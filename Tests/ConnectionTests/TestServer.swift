import NIOCore
import NIOPosix

/// A server in this process that does what a test wants with each connection.
struct TestServer {
  /// What it does with the bytes of each whole 8-byte-headed frame that comes in.
  typealias Answer = @Sendable (_ frame: [UInt8], _ channel: any Channel) -> Void

  typealias Greeting = @Sendable (_ channel: any Channel) -> Void

  let port: Int
  private let channel: any Channel

  /// A server that does this for every frame.
  static func start(_ answer: @escaping Answer = { _, _ in }) async throws -> TestServer {
    try await bind(greeting: { _ in }, answer: answer)
  }

  /// A server that does this as soon as somebody connects, and answers no frame.
  static func greeting(_ greeting: @escaping Greeting) async throws -> TestServer {
    try await bind(greeting: greeting, answer: { _, _ in })
  }

  private static func bind(
    greeting: @escaping Greeting, answer: @escaping Answer
  ) async throws -> TestServer {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            AnsweringHandler(greeting: greeting, answer: answer))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return TestServer(port: channel.localAddress?.port ?? 0, channel: channel)
  }

  /// Answers every ping with its pong.
  static func ponging() async throws -> TestServer {
    try await start { frame, channel in
      channel.send(Frames.pong(frame[8]))
    }
  }

  func stop() async throws {
    try await channel.close()
  }
}

extension Channel {
  func send(_ bytes: [UInt8]) {
    writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }
}

private final class AnsweringHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let greeting: TestServer.Greeting
  private let answer: TestServer.Answer
  private var bytes: [UInt8] = []

  init(greeting: @escaping TestServer.Greeting, answer: @escaping TestServer.Answer) {
    self.greeting = greeting
    self.answer = answer
  }

  func channelActive(context: ChannelHandlerContext) {
    greeting(context.channel)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    bytes += Array(unwrapInboundIn(data).readableBytesView)
    while bytes.count >= 8 {
      let length = 8 + (0..<4).reduce(0) { $0 | Int(bytes[4 + $1]) << (8 * $1) }
      guard bytes.count >= length else { return }
      let frame = Array(bytes.prefix(length))
      bytes.removeFirst(length)
      answer(frame, context.channel)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
