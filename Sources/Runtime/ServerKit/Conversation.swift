import NIOCore
import OffloadWire
import ServerSchemes

/// The server's side of the protocol on one connection: which frames may come now, and what each
/// of them asks for. It knows no socket and no clock.
///
/// The state machine of `docs/protocol.md`: hello first and once; then ping and infer; infer opens a
/// request, which comes in chunks until its end, its cancellation, or the end of its time.
struct Conversation {
  enum State {
    case awaitingHello
    /// No request is open; `last` is the id of the last one.
    case ready(ServedBundle, last: UInt32?)
    case receiving(ServedBundle, OpenRequest)
    /// The request is with the worker. `hasEnded`: its end came, its time did not run out before.
    case answering(ServedBundle, id: UInt32, hasEnded: Bool)
  }

  /// A request whose payload comes in. Its id is the one on the wire.
  struct OpenRequest {
    let id: UInt32
    let path: ServedPath
    let decoder: PayloadDecoder
  }

  /// What a frame asks for.
  enum Action {
    /// Nothing: more is to come, or the frame came too late.
    case none
    /// Send this frame.
    case reply([UInt8])
    /// A request is open. When so many microseconds less the path's own time have passed, come back
    /// with `timeIsUp`.
    case open(ServedPath, timeLeft: UInt32?)
    /// Run this payload, then come back with `conclude`.
    case run(ServedPath, worker: BatchWorker, DecodedPayload)
    /// There is nothing to run: come back with `conclude`.
    case refuse(RequestFailure)
    /// The request is not to be answered any more.
    case withdraw
  }

  private(set) var state = State.awaitingHello
  private let core: ServerCore

  init(_ core: ServerCore) {
    self.core = core
  }

  /// Whether a request is open that has no answer yet.
  var hasRequest: Bool {
    switch state {
    case .awaitingHello, .ready: false
    case .receiving, .answering: true
    }
  }

  /// Bytes of the longest body that any frame may have now.
  var maximumBodyLength: Int {
    switch state {
    case .awaitingHello: Hello.maximumBodyLength
    case .ready(let bundle, _), .receiving(let bundle, _), .answering(let bundle, _, _):
      // A second hello is out of order, however long.
      max(bundle.maximumBodyLength, Hello.maximumBodyLength)
    }
  }

  /// Judges a frame by its header, before any of its body is kept. A good header stays good until
  /// its body is there.
  func admit(_ header: FrameHeader) throws(ConnectionFault) {
    switch (state, header.type) {
    case (.awaitingHello, .hello), (.ready, .ping), (.ready, .infer), (.receiving, .cancel),
      (.answering, .cancel), (.ready(_, last: .some), .cancel):
      break
    case (.receiving(let bundle, _), .chunk), (.receiving(let bundle, _), .end),
      // Too late, if they are the last request's.
      (.ready(let bundle, last: .some), .chunk), (.ready(let bundle, last: .some), .end),
      (.answering(let bundle, _, hasEnded: false), .chunk),
      (.answering(let bundle, _, hasEnded: false), .end):
      try decoding { () throws(WireError) in
        try header.check(maximumBodyLength: bundle.maximumBodyLength)
      }
    case (.awaitingHello, _):
      throw ConnectionFault(.outOfOrder, "\(header.type) before hello")
    case (.ready, _):
      throw ConnectionFault(.outOfOrder, "\(header.type) while no request is open")
    case (.receiving, _):
      throw ConnectionFault(.outOfOrder, "\(header.type) while a request is open")
    case (.answering, _):
      throw ConnectionFault(.outOfOrder, "\(header.type) while an answer is owed")
    }
  }

  /// Takes a frame that was admitted, whole.
  mutating func receive(_ frame: Frame) throws(ConnectionFault) -> Action {
    switch frame.type {
    case .hello: .reply(try greet(frame))
    case .ping: .reply(try pong(frame))
    case .infer: try infer(frame)
    case .chunk: try chunk(frame)
    case .end: try end(frame)
    case .cancel: try cancel(frame)
    case .welcome, .prediction, .error, .pong, .refusal:
      preconditionFailure("a frame was received that was not admitted")
    }
  }

  // MARK: Before requests

  private mutating func greet(_ frame: Frame) throws(ConnectionFault) -> [UInt8] {
    let (digest, isAuthorised) = try frame.decoded { (bytes) throws(WireError) in
      let hello = try Hello(decoding: bytes)
      return (hello.digest, core.token?.matches(hello.token) ?? true)
    }
    // Before the bundle: who has no token learns nothing of what is served.
    guard isAuthorised else {
      throw ConnectionFault(.unauthorised, "the token is missing or wrong")
    }
    guard let bundle = core.bundles[digest] else {
      throw ConnectionFault(.bundleMismatch, "the server has no bundle of that digest")
    }
    state = .ready(bundle, last: nil)
    return try decoding { () throws(WireError) in
      try Welcome(maximumBodyLength: UInt32(bundle.maximumBodyLength)).encoded()
    }
  }

  private func pong(_ frame: Frame) throws(ConnectionFault) -> [UInt8] {
    try frame.decoded { (bytes) throws(WireError) in
      try Pong(nonce: Ping(decoding: bytes).nonce).encoded()
    }
  }

  // MARK: Requests

  private mutating func infer(_ frame: Frame) throws(ConnectionFault) -> Action {
    guard case .ready(let bundle, let last) = state else {
      preconditionFailure("an infer was received that was not admitted")
    }
    let infer = try frame.decoded { (bytes) throws(WireError) in try Infer(decoding: bytes) }
    guard infer.id != last else {
      throw ConnectionFault(.outOfOrder, "the request before had the id \(infer.id) too")
    }
    let number = Int(infer.path)
    guard number < bundle.paths.count, let path = bundle.paths[number] else {
      throw ConnectionFault(.undecodable, "the bundle has no remote path \(number)")
    }
    state = .receiving(
      bundle, OpenRequest(id: infer.id, path: path, decoder: path.scheme.makeDecoder()))
    return .open(path, timeLeft: infer.timeLeft)
  }

  private mutating func chunk(_ frame: Frame) throws(ConnectionFault) -> Action {
    let id = try frame.decoded { (bytes) throws(WireError) in try Chunk(decoding: bytes).id }
    guard let request = try openRequest(id, frame.type) else { return .none }
    try frame.decodePayload { (bytes) throws(PayloadError) in
      try request.decoder.append(bytes)
    }
    return .none
  }

  private mutating func end(_ frame: Frame) throws(ConnectionFault) -> Action {
    let (id, symbolCount) = try frame.decoded { (bytes) throws(WireError) in
      let end = try End(decoding: bytes)
      return (end.id, end.symbolCount)
    }
    guard let request = try openRequest(id, frame.type) else { return .none }
    let payload = try frame.decodePayload { (bytes) throws(PayloadError) in
      if let symbolCount {
        return try request.decoder.finish(bytes, symbolCount: Int(symbolCount))
      }
      try request.decoder.append(bytes)
      return request.decoder.cut()
    }
    return close(request, payload, hasEnded: true)
  }

  private mutating func cancel(_ frame: Frame) throws(ConnectionFault) -> Action {
    let id = try frame.decoded { (bytes) throws(WireError) in try Cancel(decoding: bytes).id }
    switch state {
    case .receiving(let bundle, let request) where request.id == id:
      state = .ready(bundle, last: id)
      return .withdraw
    case .answering(let bundle, id, _):
      state = .ready(bundle, last: id)
      return .withdraw
    default:
      try expectLast(id, .cancel)
      return .none
    }
  }

  /// The open request's time is up: it is answered from what has come.
  ///
  /// - Parameter partial: the frame that is coming in, as far as it is there.
  mutating func timeIsUp(partial: Frame?) throws(ConnectionFault) -> Action {
    guard case .receiving(_, let request) = state else {
      preconditionFailure("the time of no request is up")
    }
    if let partial, partial.requestID == request.id,
      partial.goesOn(symbolsOfPath: request.path.scheme.symbolCount)
    {
      try partial.decodePayload { (bytes) throws(PayloadError) in
        try request.decoder.append(bytes)
      }
    }
    let payload = request.decoder.cut()
    return close(request, payload, hasEnded: false)
  }

  /// The request has its outcome: returns the frame to send.
  mutating func conclude(
    _ outcome: Result<Answer, RequestFailure>
  ) throws(ConnectionFault) -> [UInt8] {
    guard case .answering(let bundle, let id, _) = state else {
      preconditionFailure("an answer without a request")
    }
    state = .ready(bundle, last: id)
    return try decoding { () throws(WireError) in
      switch outcome {
      case .success(let answer): try answer.encoded(id: id)
      case .failure(let failure):
        try Refusal.encoded(
          id: id, code: failure.code, retryAfterMilliseconds: failure.retryAfterMilliseconds,
          text: failure.message)
      }
    }
  }

  private mutating func close(
    _ request: OpenRequest, _ payload: DecodedPayload, hasEnded: Bool
  ) -> Action {
    guard case .receiving(let bundle, _) = state else {
      preconditionFailure("only an open request is closed")
    }
    state = .answering(bundle, id: request.id, hasEnded: hasEnded)
    guard payload.symbolsUsed > 0 else {
      return .refuse(RequestFailure(.expired, "no symbol of the payload is certain"))
    }
    return .run(request.path, worker: bundle.worker, payload)
  }

  /// The open request, if the frame is for it; nil if it came too late for the last one.
  private func openRequest(
    _ id: UInt32, _ type: FrameType
  ) throws(ConnectionFault) -> OpenRequest? {
    if case .receiving(_, let request) = state, request.id == id { return request }
    try expectLast(id, type)
    return nil
  }

  /// Checks that a frame is for the request whose answer is owed or that was the last one.
  private func expectLast(_ id: UInt32, _ type: FrameType) throws(ConnectionFault) {
    switch state {
    case .ready(_, last: id), .answering(_, id: id, _): break
    default: throw ConnectionFault(.outOfOrder, "\(type) of request \(id), which is not open")
    }
  }
}
