import OffloadWire

/// Whose answer a frame of the server's is.
struct ServerReply {
  /// The request that a prediction or a refusal is for; nil for any other frame.
  private let request: UInt32?

  init(_ frame: [UInt8]) {
    request = frame.withUnsafeBytes { bytes in
      guard let header = try? FrameHeader(decoding: bytes), header.frameSize == bytes.count else {
        return nil
      }
      let body = UnsafeRawBufferPointer(rebasing: bytes[header.body])
      switch header.type {
      case .prediction: return (try? Prediction(decoding: body))?.id
      case .refusal: return (try? Refusal(decoding: body))?.id
      default: return nil
      }
    }
  }

  /// Whether it answers a request before this one: such an answer has crossed the request's cancel on
  /// its way, and the one that is waited for is still to come.
  func isLate(for current: UInt32) -> Bool {
    guard let request else { return false }
    let age = current &- request
    return age >= 1 && age <= UInt32.max / 2
  }
}
