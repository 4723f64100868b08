import Logging
import NIOCore
import OffloadWire
import ServerSchemes

/// What becomes of a request between its frames and its answer.
extension ConnectionHandler {
  /// - Parameter arrival: when that came which the action answers.
  func perform(
    _ action: Conversation.Action, since arrival: NIODeadline, _ context: ChannelHandlerContext
  ) throws(ConnectionFault) {
    switch action {
    case .none: break
    case .reply(let frame): write(frame, context)
    case .open(let path, let timeLeft): open(path, timeLeft, context)
    case .run(let path, let worker, let payload):
      core.statistics.update { $0.requests += 1 }
      try submit(path, worker, payload, since: arrival, context)
    case .refuse(let failure):
      core.statistics.update { $0.requests += 1 }
      try answer(.failure(failure), context)
    case .withdraw:
      core.statistics.update { $0.cancelled += 1 }
      abandonRequest()
    }
  }

  private func open(_ path: ServedPath, _ timeLeft: UInt32?, _ context: ChannelHandlerContext) {
    let id = core.nextRequestID()
    request = Request(id: id)
    guard let timeLeft else { return }
    let wait = max(.zero, .microseconds(Int64(timeLeft)) - path.estimate.current)
    request?.timer = context.eventLoop.assumeIsolated().scheduleTask(in: wait) { [self] in
      timeIsUp(id, context)
    }
  }

  private func timeIsUp(_ id: InferenceRequest.ID, _ context: ChannelHandlerContext) {
    guard request?.id == id, request?.worker == nil else { return }
    let arrival = core.now()
    do throws(ConnectionFault) {
      let action = try conversation.timeIsUp(partial: buffer.partialFrame())
      try perform(action, since: arrival, context)
      context.flush()
      settle(context)
    } catch {
      fail(error, context)
    }
  }

  private func submit(
    _ path: ServedPath, _ worker: BatchWorker, _ payload: DecodedPayload,
    since arrival: NIODeadline, _ context: ChannelHandlerContext
  ) throws(ConnectionFault) {
    guard let id = request?.id else { preconditionFailure("no request is open") }
    request?.timer?.cancel()
    request?.worker = worker
    let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let loop = context.eventLoop
    let submission = InferenceRequest(
      id: id, path: path, payload: payload, arrival: arrival, decodeTime: core.now() - arrival,
      deliver: { outcome in
        loop.execute {
          let (handler, context) = handler.value
          handler.conclude(id, outcome, context)
        }
      })
    guard worker.submit(submission) else {
      // By then those that wait now will have been answered.
      let wait = (path.estimate.current.nanoseconds + 999_999) / 1_000_000
      let failure = RequestFailure(
        .busy, "too many requests wait for this bundle",
        retryAfterMilliseconds: UInt32(clamping: max(1, wait)))
      try answer(.failure(failure), context)
      return
    }
  }

  /// Takes what the worker made of a request.
  private func conclude(
    _ id: InferenceRequest.ID, _ outcome: Result<Answer, RequestFailure>,
    _ context: ChannelHandlerContext
  ) {
    // The device may have left, withdrawn the request, or been turned away for what it sent.
    guard request?.id == id else { return }
    do throws(ConnectionFault) {
      try answer(outcome, context)
      context.flush()
      settle(context)
    } catch {
      fail(error, context)
    }
  }

  private func answer(
    _ outcome: Result<Answer, RequestFailure>, _ context: ChannelHandlerContext
  ) throws(ConnectionFault) {
    request?.timer?.cancel()
    request = nil
    write(try conversation.conclude(outcome), context)
    switch outcome {
    case .success(let answer):
      core.statistics.update {
        $0.predictions += 1
        if answer.isPrefix { $0.prefixes += 1 }
      }
    case .failure(let failure):
      core.statistics.update { $0.refusals += 1 }
      core.logger.info("\(peer(context)): refused, \(failure.code): \(failure.message)")
    }
  }
}
