import NIOCore
import OffloadWire

/// The server's side of the protocol on one connection: which frames may come now, and what each
/// of them asks for. It knows no socket and no clock.
///
/// The state machine of `docs/protocol.md`: hello first and once; then ping and infer; one infer in
/// flight, and while it is nothing may come.
struct Conversation {
  enum State {
    case awaitingHello
    case ready(ServedBundle)
    /// `id` is the request's on the wire.
    case inFlight(ServedBundle, id: UInt32)
  }

  /// What a frame asks for.
  enum Action {
    /// Send this frame.
    case reply([UInt8])
    /// Run this payload, then come back with `conclude` or `release`.
    case run(ServedPath, worker: BatchWorker, payload: ByteBuffer)
  }

  private(set) var state = State.awaitingHello
  private let core: ServerCore

  init(_ core: ServerCore) {
    self.core = core
  }

  /// Judges a frame by its header, before any of its body is kept.
  func admit(_ header: FrameHeader) throws(Refusal) {
    switch (state, header.type) {
    case (.awaitingHello, .hello):
      break  // Its length is bounded by its type.
    case (.ready(let bundle), .infer):
      try decoding { () throws(WireError) in
        try header.check(maximumBodyLength: bundle.maximumBodyLength)
      }
    case (.ready, .ping):
      break
    case (.awaitingHello, _):
      throw Refusal(.outOfOrder, "\(header.type) before hello")
    case (.ready, _):
      throw Refusal(.outOfOrder, "\(header.type) after hello")
    case (.inFlight, _):
      throw Refusal(.outOfOrder, "\(header.type) while a request is in flight")
    }
  }

  /// Takes a frame that was admitted, whole.
  mutating func receive(_ header: FrameHeader, _ body: ByteBuffer) throws(Refusal) -> Action {
    switch (state, header.type) {
    case (.awaitingHello, .hello): .reply(try greet(body))
    case (.ready, .ping): .reply(try pong(body))
    case (.ready(let bundle), .infer): try infer(body, bundle)
    default: preconditionFailure("a frame was received that was not admitted")
    }
  }

  /// The request in flight has its answer: returns the frame to send.
  mutating func conclude(_ answer: Answer) throws(Refusal) -> [UInt8] {
    guard case .inFlight(_, let id) = state else {
      preconditionFailure("an answer without a request")
    }
    release()
    let frame = answer.logits.values.withUnsafeBytes { logits in
      Result { () throws(WireError) in
        try Prediction(
          id: id, complete: true, scale: answer.logits.scale,
          queueMicroseconds: answer.queueMicroseconds,
          decodeMicroseconds: answer.decodeMicroseconds,
          runMicroseconds: answer.runMicroseconds, logits: logits
        ).encoded()
      }
    }
    return try decoding { () throws(WireError) in try frame.get() }
  }

  /// The request in flight is over without an answer.
  mutating func release() {
    if case .inFlight(let bundle, _) = state { state = .ready(bundle) }
  }

  private mutating func greet(_ body: ByteBuffer) throws(Refusal) -> [UInt8] {
    let (digest, isAuthorised) = try body.decoded { (bytes) throws(WireError) in
      let hello = try Hello(decoding: bytes)
      return (hello.digest, core.token?.matches(hello.token) ?? true)
    }
    // Before the bundle: who has no token learns nothing of what is served.
    guard isAuthorised else {
      throw Refusal(.unauthorised, "the token is missing or wrong")
    }
    guard let bundle = core.bundles[digest] else {
      throw Refusal(.bundleMismatch, "the server has no bundle of that digest")
    }
    state = .ready(bundle)
    return try decoding { () throws(WireError) in
      try Welcome(maximumBodyLength: UInt32(bundle.maximumBodyLength)).encoded()
    }
  }

  private func pong(_ body: ByteBuffer) throws(Refusal) -> [UInt8] {
    try body.decoded { (bytes) throws(WireError) in
      try Pong(nonce: Ping(decoding: bytes).nonce).encoded()
    }
  }

  private mutating func infer(
    _ body: ByteBuffer, _ bundle: ServedBundle
  ) throws(Refusal) -> Action {
    let (id, number, length) = try body.decoded { (bytes) throws(WireError) in
      let frame = try Infer(decoding: bytes)
      return (frame.id, Int(frame.path), frame.payload.count)
    }
    guard number < bundle.paths.count, let path = bundle.paths[number] else {
      throw Refusal(.undecodable, "the bundle has no remote path \(number)")
    }
    guard length <= path.scheme.maximumPayloadBytes else {
      throw Refusal(.tooLarge, "a payload of \(length) bytes on path \(number)")
    }
    state = .inFlight(bundle, id: id)
    var payload = body
    payload.moveReaderIndex(forwardBy: body.readableBytes - length)
    return .run(path, worker: bundle.worker, payload: payload)
  }
}

extension ByteBuffer {
  /// Decodes a frame's body; its views are good inside `decode` alone.
  fileprivate func decoded<Value>(
    _ decode: (UnsafeRawBufferPointer) throws(WireError) -> Value
  ) throws(Refusal) -> Value {
    let result = withUnsafeReadableBytes { bytes in
      Result { () throws(WireError) in try decode(bytes) }
    }
    return try decoding { () throws(WireError) in try result.get() }
  }
}
