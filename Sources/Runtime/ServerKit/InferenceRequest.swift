import NIOCore
import OffloadWire

/// A device's request on its way to a network.
struct InferenceRequest: Identifiable, Sendable {
  /// Tells the requests of one server apart; it has nothing to do with the id on the wire.
  let id: UInt64
  let path: ServedPath
  let payload: ByteBuffer
  /// When the last byte of its frame was there.
  let arrival: NIODeadline
  /// Takes the outcome, on the worker's thread.
  let deliver: @Sendable (Result<Answer, Refusal>) -> Void
}

/// What a network made of a request, and how long each stage took.
struct Answer: Equatable, Sendable {
  let logits: QuantisedLogits
  let queueMicroseconds: UInt32
  let decodeMicroseconds: UInt32
  let runMicroseconds: UInt32
}

/// Why a device gets an error frame.
struct Refusal: Error, Equatable, Sendable {
  let code: WireErrorCode
  let message: String

  init(_ code: WireErrorCode, _ message: String) {
    self.code = code
    self.message = message
  }
}
