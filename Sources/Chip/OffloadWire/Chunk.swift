/// A piece of a request's payload.
///
/// The payload is the bytes of all chunks and of the end, one after another; where one piece ends
/// and the next begins means nothing to the coder.
///
///     0  id       u32
///     4  payload  to the end of the body, at least one byte
public struct Chunk: WireFrame {
  /// The request's.
  public let id: UInt32
  /// The coder's bytes.
  public let payload: UnsafeRawBufferPointer

  public static let type = FrameType.chunk
  static let fixedLength = 4

  /// Where the payload begins in the whole frame.
  ///
  /// A payload that lies there already is not copied when the frame is encoded into its buffer.
  public static let payloadOffset = FrameHeader.size + fixedLength

  public init(id: UInt32, payload: UnsafeRawBufferPointer) {
    self.id = id
    self.payload = payload
  }

  public var bodyLength: Int { Self.fixedLength + payload.count }

  public init(decoding body: UnsafeRawBufferPointer) throws(WireError) {
    guard body.count > Self.fixedLength else {
      throw .truncated(expected: Self.fixedLength + 1, found: body.count)
    }
    id = body.integer(at: 0, as: UInt32.self)
    payload = body.view(at: Self.fixedLength, count: body.count - Self.fixedLength)
  }

  public func encode(body: UnsafeMutableRawBufferPointer) throws(WireError) {
    body.store(bytes: payload, at: Self.fixedLength)
    body.store(id, at: 0)
  }
}
