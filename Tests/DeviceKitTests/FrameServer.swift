import NIOCore
import NIOPosix
import OffloadWire
import Synchronization

/// A server in this process that gives each frame the answer that a test wants.
struct FrameServer {
  /// - Parameters:
  ///   - connection: its number, from 0.
  ///   - returns: the bytes to send; `nil` to stay silent.
  typealias Answer = @Sendable (_ frame: [UInt8], _ connection: Int) throws -> [UInt8]?

  let port: Int
  private let channel: any Channel

  static func start(_ answer: @escaping Answer) async throws -> FrameServer {
    let connections = Mutex(0)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let number = connections.withLock { count in
            defer { count += 1 }
            return count
          }
          try channel.pipeline.syncOperations.addHandler(
            AnsweringHandler(connection: number, answer: answer))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return FrameServer(port: channel.localAddress?.port ?? 0, channel: channel)
  }

  func stop() async throws {
    try await channel.close()
  }

  static func welcome(_ maximumBodyLength: UInt32 = .max) throws -> [UInt8] {
    try Welcome(maximumBodyLength: maximumBodyLength).encoded()
  }
}

private final class AnsweringHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let connection: Int
  private let answer: FrameServer.Answer
  private var buffer = ByteBuffer()

  init(connection: Int, answer: @escaping FrameServer.Answer) {
    self.connection = connection
    self.answer = answer
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    buffer.writeImmutableBuffer(unwrapInboundIn(data))
    while let length = buffer.getInteger(
      at: buffer.readerIndex + 4, endianness: .little, as: UInt32.self),
      let frame = buffer.readBytes(length: FrameHeader.size + Int(length))
    {
      do {
        guard let bytes = try answer(frame, connection) else { continue }
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
      } catch {
        context.close(promise: nil)
      }
    }
  }
}
