/// A frame's body as fields.
///
/// A body's views (token, payload, message, logits) point into the bytes that it was decoded from or
/// made with, and are good for as long as those.
public protocol WireFrame {
  static var type: FrameType { get }
  /// Bytes of the body.
  var bodyLength: Int { get }
  /// Decodes a body, header excluded; its length must be exactly what its fields say.
  init(decoding body: UnsafeRawBufferPointer) throws(WireError)
  /// Writes the body into exactly ``bodyLength`` bytes.
  func encode(body: UnsafeMutableRawBufferPointer) throws(WireError)
}

extension WireFrame {
  /// Bytes of the whole frame, header included.
  public var encodedSize: Int { FrameHeader.size + bodyLength }

  /// Writes the whole frame, header included, and returns its bytes.
  public func encode(into buffer: UnsafeMutableRawBufferPointer) throws(WireError) -> Int {
    let lengths = Self.type.bodyLengths
    guard bodyLength >= lengths.lowerBound else {
      throw .bodyTooShort(length: UInt32(bodyLength), minimum: lengths.lowerBound)
    }
    guard bodyLength <= lengths.upperBound else {
      throw .fieldTooLong(length: bodyLength, maximum: lengths.upperBound)
    }
    guard buffer.count >= encodedSize else {
      throw .bufferTooSmall(needed: encodedSize, capacity: buffer.count)
    }
    let body = UnsafeMutableRawBufferPointer(rebasing: buffer[FrameHeader.size..<encodedSize])
    // The body first: a payload may lie where the header comes.
    try encode(body: body)
    FrameHeader(type: Self.type, bodyLength: UInt32(bodyLength)).encode(into: buffer)
    return encodedSize
  }
}

#if !hasFeature(Embedded)
  extension WireFrame {
    /// The whole frame, header included; for the host, which may allocate.
    public func encoded() throws(WireError) -> [UInt8] {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: encodedSize, alignment: 8)
      defer { buffer.deallocate() }
      let count = try encode(into: buffer)
      return Array(buffer[..<count])
    }
  }
#endif
