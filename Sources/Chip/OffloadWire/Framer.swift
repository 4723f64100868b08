/// Finds frames in bytes as they come, in pieces of any size; both sides use it, each over its own
/// buffer.
///
/// The framer keeps nothing. It is asked about the bytes that follow the last frame, once more
/// whenever there are more of them. A header is judged as soon as its eight bytes are there, before
/// anything is kept for its body.
///
///     switch try framer.next(in: bytes) {
///     case .incomplete: receive more
///     case .frame(let header): take bytes[header.body], go on at header.frameSize
///     }
public struct Framer: Equatable, Sendable {
  /// Bytes of the longest body that is taken.
  public var maximumBodyLength: Int

  public init(maximumBodyLength: Int) {
    self.maximumBodyLength = maximumBodyLength
  }

  /// What the bytes begin with.
  ///
  /// Throws as ``FrameHeader/init(decoding:)`` does, and ``WireError/bodyTooLong(length:maximum:)``
  /// for a body above the limit. The bytes behind such a header cannot be cut into frames.
  public func next(in bytes: UnsafeRawBufferPointer) throws(WireError) -> Framing {
    guard bytes.count >= FrameHeader.size else {
      return .incomplete(nil, missing: FrameHeader.size - bytes.count)
    }
    let header = try FrameHeader(decoding: bytes)
    try header.check(maximumBodyLength: maximumBodyLength)
    guard bytes.count >= header.frameSize else {
      return .incomplete(header, missing: header.frameSize - bytes.count)
    }
    return .frame(header)
  }
}

/// What a ``Framer`` found.
public enum Framing: Equatable, Sendable {
  /// The frame needs more bytes: so many more for its header, or for its end where the header is
  /// there.
  case incomplete(FrameHeader?, missing: Int)
  /// The bytes begin with this whole frame.
  case frame(FrameHeader)
}
