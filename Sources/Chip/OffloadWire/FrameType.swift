/// The first byte of a frame.
public enum FrameType: UInt8, Sendable {
  /// Device to server, first and once.
  case hello = 1
  /// Server to device, the answer to hello.
  case welcome = 2
  /// Device to server: opens a request.
  case infer = 3
  /// Server to device, the answer to a request.
  case prediction = 4
  /// Server to device, before it closes the connection.
  case error = 5
  /// Device to server.
  case ping = 6
  /// Server to device, the answer to ping.
  case pong = 7
  /// Device to server: a piece of the request's payload.
  case chunk = 8
  /// Device to server: the payload's last piece, after which the answer is due.
  case end = 9
  /// Device to server: withdraws the request.
  case cancel = 10
  /// Server to device, instead of a prediction; the connection stays open.
  case refusal = 11

  /// The lengths in bytes that a body of this type can have, whatever the bundle.
  var bodyLengths: ClosedRange<Int> {
    switch self {
    case .hello: Hello.fixedLength...Hello.maximumBodyLength
    case .welcome: Welcome.fixedLength...Welcome.fixedLength
    case .infer: Infer.fixedLength...Infer.fixedLength
    case .prediction: Prediction.fixedLength...Prediction.fixedLength + Int(UInt16.max)
    case .error: ErrorFrame.fixedLength...ErrorFrame.fixedLength + WireProtocol.maximumMessageLength
    case .ping, .pong: Ping.fixedLength...Ping.fixedLength
    case .chunk: Chunk.fixedLength + 1...WireProtocol.maximumBodyLength
    case .end: End.fixedLength...WireProtocol.maximumBodyLength
    case .cancel: Cancel.fixedLength...Cancel.fixedLength
    case .refusal: Refusal.fixedLength...Refusal.fixedLength + WireProtocol.maximumMessageLength
    }
  }
}
