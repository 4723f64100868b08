/// The first byte of a frame.
public enum FrameType: UInt8, Sendable {
  /// Device to server, first and once.
  case hello = 1
  /// Server to device, the answer to hello.
  case welcome = 2
  /// Device to server: one image's features.
  case infer = 3
  /// Server to device, the answer to infer.
  case prediction = 4
  /// Server to device, instead of any answer.
  case error = 5
  /// Device to server.
  case ping = 6
  /// Server to device, the answer to ping.
  case pong = 7
  /// Reserved; refused in version 1.
  case chunk = 8
  /// Reserved; refused in version 1.
  case end = 9
  /// Reserved; refused in version 1.
  case cancel = 10

  /// Whether version 1 has no body for it.
  public var isReserved: Bool {
    switch self {
    case .chunk, .end, .cancel: true
    case .hello, .welcome, .infer, .prediction, .error, .ping, .pong: false
    }
  }

  /// The lengths in bytes that a body of this type can have, whatever the bundle.
  var bodyLengths: ClosedRange<Int> {
    switch self {
    case .hello: Hello.fixedLength...Hello.fixedLength + WireProtocol.maximumTokenLength
    case .welcome: Welcome.fixedLength...Welcome.fixedLength
    case .infer: Infer.fixedLength...Int(Int32.max)
    case .prediction: Prediction.fixedLength...Prediction.fixedLength + Int(UInt16.max)
    case .error: ErrorFrame.fixedLength...ErrorFrame.fixedLength + WireProtocol.maximumMessageLength
    case .ping, .pong: Ping.fixedLength...Ping.fixedLength
    case .chunk, .end, .cancel: 0...0
    }
  }
}
