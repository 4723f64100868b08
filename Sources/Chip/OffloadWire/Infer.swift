/// One image's features, coded as the bundle says.
///
///     0  id        u32
///     4  path      u8   index into the bundle's paths
///     5  reserved  3 bytes, 0
///     8  payload   to the end of the body
public struct Infer: WireFrame {
  /// Chosen by the device; the prediction has the same.
  public let id: UInt32
  /// Index into the bundle's paths.
  public let path: UInt8
  /// The coder's bytes; the coder knows where they end, and that they do.
  public let payload: UnsafeRawBufferPointer

  public static let type = FrameType.infer
  static let fixedLength = 8

  /// Where the payload begins in the whole frame.
  ///
  /// A payload that lies there already is not copied when the frame is encoded into its buffer.
  public static let payloadOffset = FrameHeader.size + fixedLength

  /// Bytes of the longest body that has `payloadBytes` of payload at most.
  public static func maximumBodyLength(payloadBytes: Int) -> Int { fixedLength + payloadBytes }

  public init(id: UInt32, path: UInt8, payload: UnsafeRawBufferPointer) {
    self.id = id
    self.path = path
    self.payload = payload
  }

  public var bodyLength: Int { Self.fixedLength + payload.count }

  public init(decoding body: UnsafeRawBufferPointer) throws(WireError) {
    guard body.count >= Self.fixedLength else {
      throw .truncated(expected: Self.fixedLength, found: body.count)
    }
    // The path's byte and the three reserved ones are one little-endian word.
    let pathAndReserved = body.integer(at: 4, as: UInt32.self)
    guard pathAndReserved <= 0xFF else { throw .reservedNotZero }
    id = body.integer(at: 0, as: UInt32.self)
    path = UInt8(pathAndReserved)
    payload = body.view(at: Self.fixedLength, count: body.count - Self.fixedLength)
  }

  public func encode(body: UnsafeMutableRawBufferPointer) throws(WireError) {
    body.store(bytes: payload, at: Self.fixedLength)
    body.store(id, at: 0)
    body.store(UInt32(path), at: 4)
  }
}
