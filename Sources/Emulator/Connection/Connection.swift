import NIOCore
import NIOPosix

/// A TCP connection to the server that carries whole frames. It knows nothing of emulated time.
///
/// No thread is blocked. A task that is cancelled while it waits gets ``ConnectionError/cancelled``,
/// and the connection is closed, because an answer that comes later must not be taken for another's.
public final class Connection: Sendable {
  private let channel: any Channel
  private let handler: NIOLoopBound<FrameHandler>

  private init(channel: any Channel, handler: NIOLoopBound<FrameHandler>) {
    self.channel = channel
    self.handler = handler
  }

  deinit {
    channel.close(promise: nil)
  }

  /// - Throws: ``ConnectionError/unreachable(host:port:reason:)`` or ``ConnectionError/cancelled``.
  public static func open(
    host: String, port: Int, limits: ConnectionLimits = ConnectionLimits()
  ) async throws(ConnectionError) -> Connection {
    guard (1...65535).contains(port) else {
      throw .unreachable(host: host, port: port, reason: "no such port")
    }
    let connected: (any Channel, NIOLoopBound<FrameHandler>)
    do {
      connected = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(TimeAmount(limits.connectTimeout))
        .channelOption(.socketOption(.so_keepalive), value: 1)
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .connect(host: host, port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            let handler = FrameHandler(maximumBodyLength: limits.maximumBodyLength)
            try channel.pipeline.syncOperations.addHandler(handler)
            return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
          }
        }
    } catch {
      throw .unreachable(host: host, port: port, reason: describe(error))
    }
    let connection = Connection(channel: connected.0, handler: connected.1)
    if Task.isCancelled {
      await connection.close()
      throw .cancelled
    }
    return connection
  }

  /// Sends frames, one or several without gaps, without waiting for anything.
  ///
  /// What cannot be sent shows when an answer is waited for.
  public func send(_ bytes: [UInt8]) {
    channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }

  /// The next frame of the server's, header and body: one that is there already, or the one that
  /// comes.
  ///
  /// - Parameter wait: how long it may take, in real time; then the connection is closed.
  /// - Throws: ``ConnectionError``.
  public func next(within wait: Duration) async throws(ConnectionError) -> [UInt8] {
    if Task.isCancelled {
      await close()
      throw .cancelled
    }
    let eventLoop = channel.eventLoop
    let handler = handler
    do {
      return try await withTaskCancellationHandler {
        try await eventLoop.flatSubmit {
          handler.value.next(within: wait, on: eventLoop)
        }.get()
      } onCancel: {
        eventLoop.execute { handler.value.fail(.cancelled) }
      }
    } catch let error as ConnectionError {
      throw error
    } catch {
      throw .lost(reason: describe(error))
    }
  }

  /// Closes the connection; whoever waits for a frame then fails.
  public func close() async {
    // It may be closed already; either way it is closed now.
    try? await channel.close()
  }
}
