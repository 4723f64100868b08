import NIOCore
import OffloadWire

/// The bytes of a connection that are not taken yet, and the frames among them.
///
/// A header is judged before its body is waited for, so the buffer never holds more than one frame
/// that was found good and what one read brought besides.
struct FrameBuffer {
  private var buffer = ByteBuffer()
  private var framer: Framer

  init(maximumBodyLength: Int) {
    framer = Framer(maximumBodyLength: maximumBodyLength)
  }

  /// Whether bytes of a frame are here that is not complete.
  var isInsideFrame: Bool { buffer.readableBytes > 0 }

  mutating func append(_ bytes: inout ByteBuffer) {
    if buffer.readableBytes == 0 {
      swap(&buffer, &bytes)
    } else {
      buffer.discardReadBytes()
      buffer.writeBuffer(&bytes)
    }
  }

  /// From the next frame on, bodies may be so long.
  mutating func setMaximumBodyLength(_ length: Int) {
    framer.maximumBodyLength = length
  }

  /// The next complete frame, nil if there is none yet.
  ///
  /// - Parameter admit: judges the header as soon as it is there, again whenever bytes came; throws
  ///   to refuse the frame.
  mutating func next(
    _ admit: (FrameHeader) throws(ConnectionFault) -> Void
  ) throws(ConnectionFault) -> Frame? {
    switch try framing() {
    case .incomplete(let header, _):
      if let header { try admit(header) }
      return nil
    case .frame(let header):
      try admit(header)
      buffer.moveReaderIndex(forwardBy: FrameHeader.size)
      guard let body = buffer.readSlice(length: Int(header.bodyLength)) else { return nil }
      return Frame(type: header.type, body: body)
    }
  }

  /// What has come of a frame that is not complete, from its header on; nil if there is no header.
  func partialFrame() -> Frame? {
    guard case .incomplete(let header?, _)? = try? framing() else { return nil }
    return Frame(type: header.type, body: buffer.dropping(FrameHeader.size))
  }

  private func framing() throws(ConnectionFault) -> Framing {
    let result = buffer.withUnsafeReadableBytes { bytes in
      Result { () throws(WireError) in try framer.next(in: bytes) }
    }
    return try decoding { () throws(WireError) in try result.get() }
  }
}

extension ByteBuffer {
  /// The readable bytes without the first `count`, of which there are so many.
  func dropping(_ count: Int) -> ByteBuffer {
    var rest = self
    rest.moveReaderIndex(forwardBy: count)
    return rest
  }
}
