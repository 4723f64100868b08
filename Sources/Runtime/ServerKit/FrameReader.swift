import NIOCore
import OffloadWire

/// Cuts the bytes of a connection into frames.
///
/// A header is judged before its body is waited for, so the buffer never holds more than one frame
/// that was found good and what one read brought besides.
struct FrameReader {
  private var buffer = ByteBuffer()
  private var header: FrameHeader?

  /// Whether bytes of a frame are here that is not complete.
  var isInsideFrame: Bool { header != nil || buffer.readableBytes > 0 }

  mutating func append(_ bytes: inout ByteBuffer) {
    if buffer.readableBytes == 0 {
      swap(&buffer, &bytes)
    } else {
      buffer.writeBuffer(&bytes)
    }
  }

  /// The next complete frame, nil if there is none yet.
  ///
  /// - Parameter admit: judges a header when it is there; throws to refuse the frame.
  mutating func next(
    _ admit: (FrameHeader) throws(Refusal) -> Void
  ) throws(Refusal) -> (header: FrameHeader, body: ByteBuffer)? {
    if header == nil {
      guard let bytes = buffer.readSlice(length: FrameHeader.size) else { return nil }
      let next = try decoding { () throws(WireError) in
        try bytes.withUnsafeReadableBytes { (bytes) throws(WireError) in
          try FrameHeader(decoding: bytes)
        }
      }
      try admit(next)
      header = next
    }
    guard let header, let body = buffer.readSlice(length: Int(header.bodyLength)) else {
      return nil
    }
    self.header = nil
    buffer.discardReadBytes()
    return (header, body)
  }
}

/// Turns what the wire's decoders throw into the refusal that the device is told.
func decoding<Value>(_ body: () throws(WireError) -> Value) throws(Refusal) -> Value {
  do {
    return try body()
  } catch {
    throw Refusal(error.code, "\(error)")
  }
}
