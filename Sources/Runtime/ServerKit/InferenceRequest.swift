import NIOCore
import OffloadWire
import ServerSchemes

/// A device's request on its way to a network.
struct InferenceRequest: Identifiable, Sendable {
  /// Tells the requests of one server apart; it has nothing to do with the id on the wire.
  let id: UInt64
  let path: ServedPath
  let payload: DecodedPayload
  /// When the server stopped waiting for more of it: its end was there, or its time was up.
  let arrival: NIODeadline
  /// What decoding took from then on.
  let decodeTime: TimeAmount
  /// Takes the outcome, on the worker's thread.
  let deliver: @Sendable (Result<Answer, RequestFailure>) -> Void
}

/// What a network made of a request, and how long each stage took.
struct Answer: Equatable, Sendable {
  let logits: QuantisedLogits
  let symbolsUsed: Int
  /// Whether the path has more symbols than were used.
  let isPrefix: Bool
  let queueMicroseconds: UInt32
  let decodeMicroseconds: UInt32
  let runMicroseconds: UInt32
}

extension Answer {
  /// The prediction frame for the request of that id on the wire.
  func encoded(id: UInt32) throws(WireError) -> [UInt8] {
    let frame = logits.values.withUnsafeBytes { bytes in
      Result { () throws(WireError) in
        try Prediction(
          id: id, symbolsUsed: UInt32(symbolsUsed), scale: logits.scale,
          queueMicroseconds: queueMicroseconds, decodeMicroseconds: decodeMicroseconds,
          runMicroseconds: runMicroseconds, logits: bytes
        ).encoded()
      }
    }
    return try frame.get()
  }
}
