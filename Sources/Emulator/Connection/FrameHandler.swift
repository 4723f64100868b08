import NIOCore
import OffloadWire

/// The connection's side of the channel: cuts what comes into frames and keeps them until they are
/// asked for.
///
/// All of it runs on the channel's event loop. Once it has failed it stays failed; what had come
/// whole before is still handed out.
final class FrameHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// A server answers one request at a time; so many frames that nobody asked for are an attack.
  private static let mostWaiting = 16

  private let framer: Framer
  private var buffer = ByteBuffer()
  private var frames: [[UInt8]] = []
  private var context: ChannelHandlerContext?
  private var pending: Pending?
  private var failure: ConnectionError?

  private struct Pending {
    let promise: EventLoopPromise<[UInt8]>
    let timeout: Scheduled<Void>
  }

  init(maximumBodyLength: Int) {
    framer = Framer(maximumBodyLength: maximumBodyLength)
  }

  /// The next frame; fails with a ``ConnectionError``.
  func next(within wait: Duration, on eventLoop: any EventLoop) -> EventLoopFuture<[UInt8]> {
    precondition(pending == nil, "one task waits at a time")
    if !frames.isEmpty { return eventLoop.makeSucceededFuture(frames.removeFirst()) }
    if let failure { return eventLoop.makeFailedFuture(failure) }
    let promise = eventLoop.makePromise(of: [UInt8].self)
    let seconds = wait.seconds
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    let timeout = eventLoop.scheduleTask(in: TimeAmount(wait)) {
      bound.value.fail(.timedOut(seconds: seconds))
    }
    pending = Pending(promise: promise, timeout: timeout)
    return promise.futureResult
  }

  /// Ends whatever is under way with an error, and the connection with it.
  func fail(_ error: ConnectionError) {
    if failure == nil { failure = error }
    if let pending {
      self.pending = nil
      pending.timeout.cancel()
      pending.promise.fail(failure ?? error)
    }
    context?.close(promise: nil)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    fail(.lost(reason: "the connection is closed"))
    self.context = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard failure == nil else { return }
    var bytes = unwrapInboundIn(data)
    buffer.discardReadBytes()
    buffer.writeBuffer(&bytes)
    do throws(WireError) {
      while failure == nil, let frame = try nextFrame() { deliver(frame) }
    } catch {
      fail(.protocolViolation(reason: "\(error)"))
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(
      .lost(
        reason: buffer.readableBytes > 0
          ? "it closed the connection in the middle of a frame" : "it closed the connection"))
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(.lost(reason: describe(error)))
  }

  private func nextFrame() throws(WireError) -> [UInt8]? {
    let framing: Result<Framing, WireError> = buffer.withUnsafeReadableBytes { bytes in
      Result { () throws(WireError) in try framer.next(in: bytes) }
    }
    guard case .frame(let header) = try framing.get() else { return nil }
    return buffer.readBytes(length: header.frameSize)
  }

  private func deliver(_ frame: [UInt8]) {
    if let pending {
      self.pending = nil
      pending.timeout.cancel()
      pending.promise.succeed(frame)
    } else if frames.count < Self.mostWaiting {
      frames.append(frame)
    } else {
      fail(.protocolViolation(reason: "frames that nobody asked for"))
    }
  }
}

extension TimeAmount {
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    // A wait of more than a day is for ever; so no multiplication overflows.
    self = .nanoseconds(min(max(0, seconds), 86_400) * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}

extension Duration {
  var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
