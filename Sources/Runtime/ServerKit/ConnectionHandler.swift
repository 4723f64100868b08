import Logging
import NIOCore
import OffloadWire

/// One connection: bytes in and out, time limits, and what becomes of it when either side stops.
///
/// Whatever the device does wrong gets one error frame. The server then closes its side, reads on for
/// a moment without looking, so that the frame is not lost to a reset, and closes.
final class ConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let core: ServerCore
  var conversation: Conversation
  var buffer: FrameBuffer
  private var limit: ConnectionTimeLimit
  var request: Request?
  /// Set after a final error: what else comes is thrown away.
  private var isLingering = false
  private var isDraining = false
  private var isReadHeldBack = false
  private var frames = 0

  /// The request that is open. Its id is the server's own, so that what belongs to an earlier one is
  /// known whatever the device calls its requests.
  struct Request {
    let id: InferenceRequest.ID
    /// Runs when the server has to stop waiting for the request's end.
    var timer: Scheduled<Void>?
    /// Whom the request was handed to.
    var worker: BatchWorker?
  }

  init(_ core: ServerCore) {
    self.core = core
    conversation = Conversation(core)
    buffer = FrameBuffer(maximumBodyLength: conversation.maximumBodyLength)
    limit = ConnectionTimeLimit(core.configuration)
  }

  // MARK: Events of the channel

  func channelActive(context: ChannelHandlerContext) {
    let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let loop = context.eventLoop
    let admission = core.connections.admit(context.channel) {
      loop.execute {
        let (handler, context) = handler.value
        handler.drain(context)
      }
    }
    switch admission {
    case .admitted:
      core.statistics.update { $0.connections += 1 }
      applyLimit(context)
    case .tooMany:
      core.statistics.update { $0.refusedConnections += 1 }
      fail(ConnectionFault(.busy, "the server has too many connections"), context)
    case .closed:
      context.close(promise: nil)
    case .flooded:
      core.statistics.update { $0.refusedConnections += 1 }
      context.close(promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isLingering else { return }
    var bytes = unwrapInboundIn(data)
    buffer.append(&bytes)
    do throws(ConnectionFault) {
      while context.channel.isActive, try takeFrame(context) {}
      settle(context)
    } catch {
      fail(error, context)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.flush()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .some(.inputClosed) = event as? ChannelEvent else {
      context.fireUserInboundEventTriggered(event)
      return
    }
    if !isLingering && buffer.isInsideFrame {
      fail(ConnectionFault(.malformed, "the connection ended inside a frame"), context)
    } else {
      // A device waits for its answer with its own side open; this one has left.
      context.close(promise: nil)
    }
  }

  func read(context: ChannelHandlerContext) {
    // A device that sends without reading is not read from either; the time limit ends it.
    if context.channel.isWritable {
      context.read()
    } else {
      isReadHeldBack = true
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if isReadHeldBack && context.channel.isWritable {
      isReadHeldBack = false
      context.read()
    }
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    limit.cancel()
    abandonRequest()
    core.connections.remove(context.channel)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    core.logger.debug("\(peer(context)): \(error)")
    context.close(promise: nil)
  }

  // MARK: Frames

  /// Handles the next frame; false if there is no whole one.
  private func takeFrame(_ context: ChannelHandlerContext) throws(ConnectionFault) -> Bool {
    buffer.setMaximumBodyLength(conversation.maximumBodyLength)
    let frame = try buffer.next { (header) throws(ConnectionFault) in
      try conversation.admit(header)
    }
    guard let frame else { return false }
    frames += 1
    let arrival = core.now()
    try perform(try conversation.receive(frame), since: arrival, context)
    return true
  }

  func write(_ frame: [UInt8], _ context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: frame)), promise: nil)
  }

  // MARK: Ends

  /// Sends the error frame and ends the connection.
  func fail(_ fault: ConnectionFault, _ context: ChannelHandlerContext) {
    core.statistics.update { $0.errors += 1 }
    core.logger.info("\(peer(context)): \(fault.code): \(fault.message)")
    if let frame = try? ErrorFrame.encoded(code: fault.code, text: fault.message) {
      write(frame, context)
      context.flush()
    }
    isLingering = true
    buffer = FrameBuffer(maximumBodyLength: 0)
    abandonRequest()
    applyLimit(context)
    context.close(mode: .output).assumeIsolated().whenFailure { _ in context.close(promise: nil) }
  }

  func abandonRequest() {
    guard let request else { return }
    request.timer?.cancel()
    request.worker?.withdraw(request.id)
    self.request = nil
  }

  private func drain(_ context: ChannelHandlerContext) {
    isDraining = true
    settle(context)
  }

  /// What is next after frames or an answer: another wait, or the end where the server shuts down.
  func settle(_ context: ChannelHandlerContext) {
    if isDraining && request == nil && !isLingering {
      context.flush()
      context.close(promise: nil)
    } else {
      applyLimit(context)
    }
  }

  private func applyLimit(_ context: ChannelHandlerContext) {
    let phase: ConnectionTimeLimit.Phase =
      if isLingering {
        .lingering
      } else if case .awaitingHello = conversation.state {
        .awaitingHello
      } else if let request, request.worker == nil {
        .receiving(request.id)
      } else if buffer.isInsideFrame {
        .insideFrame(frames)
      } else if request != nil {
        .answering
      } else {
        .idle(frames)
      }
    limit.apply(phase, on: context.eventLoop) { [self] in
      switch phase {
      case .awaitingHello: fail(ConnectionFault(.malformed, "no hello in time"), context)
      case .insideFrame: fail(ConnectionFault(.malformed, "a frame took too long"), context)
      case .receiving: fail(ConnectionFault(.malformed, "a request took too long"), context)
      case .idle, .lingering, .answering: context.close(promise: nil)
      }
    }
  }

  func peer(_ context: ChannelHandlerContext) -> String {
    context.remoteAddress.map { "\($0.ipAddress ?? ""):\($0.port ?? 0)" } ?? "a device"
  }
}
