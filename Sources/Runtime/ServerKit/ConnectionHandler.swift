import Logging
import NIOCore
import OffloadWire

/// One connection: bytes in and out, time limits, and what becomes of it when either side stops.
///
/// Whatever the device does wrong gets one error frame; unless the protocol lets the connection go
/// on, the server then closes its side, reads on for a moment without looking, so that the frame is
/// not lost to a reset, and closes.
final class ConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let core: ServerCore
  private var conversation: Conversation
  private var reader = FrameReader()
  private var limit: ConnectionTimeLimit
  private var request: (id: InferenceRequest.ID, worker: BatchWorker)?
  /// Set after a final error: what else comes is thrown away.
  private var isLingering = false
  private var isDraining = false
  private var isReadHeldBack = false
  private var frames = 0

  init(_ core: ServerCore) {
    self.core = core
    conversation = Conversation(core)
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
      refuse(Refusal(.busy, "the server has too many connections"), context, isFinal: true)
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
    reader.append(&bytes)
    var goesOn = true
    while goesOn {
      do throws(Refusal) {
        goesOn = try takeFrame(context)
      } catch {
        refuse(error, context)
        goesOn = !isLingering
      }
    }
    applyLimit(context)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.flush()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .some(.inputClosed) = event as? ChannelEvent else {
      context.fireUserInboundEventTriggered(event)
      return
    }
    if !isLingering && reader.isInsideFrame {
      refuse(Refusal(.malformed, "the connection ended inside a frame"), context)
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
  private func takeFrame(_ context: ChannelHandlerContext) throws(Refusal) -> Bool {
    let frame = try reader.next { (header) throws(Refusal) in
      try conversation.admit(header)
    }
    guard let (header, body) = frame else { return false }
    frames += 1
    switch try conversation.receive(header, body) {
    case .reply(let frame):
      write(frame, context)
    case .run(let path, let worker, let payload):
      core.statistics.update { $0.requests += 1 }
      try submit(path, worker, payload, context)
    }
    return true
  }

  private func submit(
    _ path: ServedPath, _ worker: BatchWorker, _ payload: ByteBuffer,
    _ context: ChannelHandlerContext
  ) throws(Refusal) {
    let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let loop = context.eventLoop
    let id = core.nextRequestID()
    let request = InferenceRequest(
      id: id, path: path, payload: payload, arrival: core.now(),
      deliver: { outcome in
        loop.execute {
          let (handler, context) = handler.value
          handler.conclude(id, outcome, context)
        }
      })
    guard worker.submit(request) else {
      conversation.release()
      throw Refusal(.busy, "too many requests wait for this bundle")
    }
    self.request = (id, worker)
  }

  private func conclude(
    _ id: InferenceRequest.ID, _ outcome: Result<Answer, Refusal>,
    _ context: ChannelHandlerContext
  ) {
    // The device may have left, or been refused for what it sent meanwhile.
    guard request?.id == id else { return }
    request = nil
    do throws(Refusal) {
      switch outcome {
      case .success(let answer):
        write(try conversation.conclude(answer), context)
        core.statistics.update { $0.predictions += 1 }
      case .failure(let refusal):
        conversation.release()
        throw refusal
      }
      context.flush()
      applyLimit(context)
    } catch {
      refuse(error, context)
    }
    if isDraining && !isLingering { context.close(promise: nil) }
  }

  private func write(_ frame: [UInt8], _ context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: frame)), promise: nil)
  }

  // MARK: Ends

  /// Sends the error frame and, unless the protocol lets the device go on, ends the connection.
  private func refuse(
    _ refusal: Refusal, _ context: ChannelHandlerContext, isFinal: Bool = false
  ) {
    core.statistics.update { $0.errors += 1 }
    core.logger.info("\(peer(context)): \(refusal.code): \(refusal.message)")
    if let frame = try? ErrorFrame.encoded(code: refusal.code, text: refusal.message) {
      write(frame, context)
      context.flush()
    }
    guard isFinal || refusal.code.closesConnection else {
      applyLimit(context)
      return
    }
    isLingering = true
    reader = FrameReader()
    abandonRequest()
    applyLimit(context)
    context.close(mode: .output).assumeIsolated().whenFailure { _ in context.close(promise: nil) }
  }

  private func abandonRequest() {
    guard let request else { return }
    request.worker.withdraw(request.id)
    self.request = nil
  }

  private func drain(_ context: ChannelHandlerContext) {
    isDraining = true
    if request == nil && !isLingering { context.close(promise: nil) }
  }

  private func applyLimit(_ context: ChannelHandlerContext) {
    let phase: ConnectionTimeLimit.Phase =
      if isLingering {
        .lingering
      } else if case .awaitingHello = conversation.state {
        .awaitingHello
      } else if reader.isInsideFrame {
        .insideFrame(frames)
      } else if request != nil {
        .inFlight
      } else {
        .idle(frames)
      }
    limit.apply(phase, on: context.eventLoop) { [self] in
      switch phase {
      case .awaitingHello:
        refuse(Refusal(.malformed, "no hello in time"), context)
      case .insideFrame:
        refuse(Refusal(.malformed, "a frame took too long"), context)
      case .idle, .lingering, .inFlight:
        context.close(promise: nil)
      }
    }
  }

  private func peer(_ context: ChannelHandlerContext) -> String {
    context.remoteAddress.map { "\($0.ipAddress ?? ""):\($0.port ?? 0)" } ?? "a device"
  }
}
