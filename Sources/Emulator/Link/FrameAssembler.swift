import NIOCore
import OffloadWire

/// Puts frames together from bytes as they come, in pieces of any size.
///
/// A header is judged as soon as its eight bytes are there, so that what is no frame, or one too
/// long, is refused before anything is kept for it. After an error the assembler is not used again.
struct FrameAssembler {
  private let maximumBodyLength: Int
  private var buffer = ByteBuffer()
  /// Of the frame that is coming in, once its header is there.
  private var header: FrameHeader?

  init(maximumBodyLength: Int) {
    self.maximumBodyLength = maximumBodyLength
  }

  /// Whether a frame has begun and not ended.
  var isInsideFrame: Bool { header != nil || buffer.readableBytes > 0 }

  mutating func append(_ bytes: consuming ByteBuffer) {
    if buffer.readableBytes == 0 {
      buffer = bytes
    } else {
      buffer.discardReadBytes()
      buffer.writeBuffer(&bytes)
    }
  }

  /// The next whole frame, header and body; nil where more bytes are needed.
  mutating func next() throws(WireError) -> AssembledFrame? {
    if header == nil {
      guard buffer.readableBytes >= FrameHeader.size else { return nil }
      let parsed: Result<FrameHeader, WireError> = buffer.withUnsafeReadableBytes { bytes in
        do throws(WireError) {
          return .success(try FrameHeader(decoding: bytes))
        } catch {
          return .failure(error)
        }
      }
      let header = try parsed.get()
      try header.check(maximumBodyLength: maximumBodyLength)
      self.header = header
    }
    guard let header else { return nil }
    let length = FrameHeader.size + Int(header.bodyLength)
    guard buffer.readableBytes >= length, let bytes = buffer.readBytes(length: length) else {
      return nil
    }
    self.header = nil
    return AssembledFrame(type: header.type, bytes: bytes)
  }
}

/// A whole frame as it came.
struct AssembledFrame: Equatable, Sendable {
  let type: FrameType
  /// Header and body.
  let bytes: [UInt8]
}
