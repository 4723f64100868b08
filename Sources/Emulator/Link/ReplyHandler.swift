import NIOCore
import OffloadWire

/// The link's side of the channel: sends a frame, waits for the one that answers it.
///
/// All of it runs on the channel's event loop. Once it has failed it stays failed, and every later
/// exchange gets the same error.
final class ReplyHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var assembler: FrameAssembler
  private var context: ChannelHandlerContext?
  private var pending: Pending?
  /// An error frame that came while nothing was asked: the server's last words.
  private var lastWords: [UInt8]?
  private var failure: LinkError?

  private struct Pending {
    let promise: EventLoopPromise<[UInt8]>
    let timeout: Scheduled<Void>
  }

  init(limits: LinkLimits) {
    assembler = FrameAssembler(maximumBodyLength: limits.maximumBodyLength)
  }

  /// Sends a frame.
  ///
  /// - Parameter wait: how long its answer may take.
  /// - Returns: the frame that answers it; fails with a ``LinkError``.
  func exchange(
    _ frame: [UInt8], within wait: Duration, on eventLoop: any EventLoop
  ) -> EventLoopFuture<[UInt8]> {
    if let lastWords {
      self.lastWords = nil
      return eventLoop.makeSucceededFuture(lastWords)
    }
    if let failure { return eventLoop.makeFailedFuture(failure) }
    guard let context else {
      return eventLoop.makeFailedFuture(LinkError.lost(reason: "the connection is closed"))
    }
    precondition(pending == nil, "one exchange at a time")
    let promise = eventLoop.makePromise(of: [UInt8].self)
    let seconds = wait.seconds
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    let timeout = eventLoop.scheduleTask(in: TimeAmount(wait)) {
      bound.value.fail(.timedOut(seconds: seconds))
    }
    pending = Pending(promise: promise, timeout: timeout)
    let written = context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: frame)))
    written.whenFailure { error in
      bound.value.fail(.lost(reason: describe(error)))
    }
    return promise.futureResult
  }

  /// Ends whatever is under way with an error, and the connection with it.
  func fail(_ error: LinkError) {
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
    assembler.append(unwrapInboundIn(data))
    do throws(WireError) {
      while failure == nil, let frame = try assembler.next() {
        deliver(frame)
      }
    } catch {
      fail(.protocolViolation(reason: "\(error)"))
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(
      .lost(
        reason: assembler.isInsideFrame
          ? "it closed the connection in the middle of a frame" : "it closed the connection"))
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(.lost(reason: describe(error)))
  }

  private func deliver(_ frame: AssembledFrame) {
    if let pending {
      self.pending = nil
      pending.timeout.cancel()
      pending.promise.succeed(frame.bytes)
    } else if frame.type == .error, lastWords == nil {
      lastWords = frame.bytes
    } else {
      fail(.protocolViolation(reason: "a frame that nobody asked for"))
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
