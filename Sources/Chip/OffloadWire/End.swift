/// Closes a request's payload, after which the answer is due.
///
///     0  id           u32
///     4  symbolCount  u32  0xFFFFFFFF: the payload is cut here
///     8  payload      to the end of the body; it may be empty
public struct End: WireFrame {
  /// The request's.
  public let id: UInt32
  /// How many symbols the payload codes, counted from the first.
  ///
  /// nil: the payload was cut, and the server uses the symbols that its bytes make certain.
  public let symbolCount: UInt32?
  /// The last of the coder's bytes, those that no chunk had.
  public let payload: UnsafeRawBufferPointer

  public static let type = FrameType.end
  static let fixedLength = 8

  /// How the wire writes that the payload was cut.
  private static let cut = UInt32.max

  /// Where the payload begins in the whole frame.
  ///
  /// A payload that lies there already is not copied when the frame is encoded into its buffer.
  public static let payloadOffset = FrameHeader.size + fixedLength

  /// Bytes of the longest body that has `payloadBytes` of payload at most.
  public static func maximumBodyLength(payloadBytes: Int) -> Int { fixedLength + payloadBytes }

  /// - Parameter symbolCount: the largest UInt32 is sent as nil.
  public init(id: UInt32, symbolCount: UInt32?, payload: UnsafeRawBufferPointer) {
    self.id = id
    self.symbolCount = symbolCount == Self.cut ? nil : symbolCount
    self.payload = payload
  }

  public var bodyLength: Int { Self.fixedLength + payload.count }

  public init(decoding body: UnsafeRawBufferPointer) throws(WireError) {
    guard body.count >= Self.fixedLength else {
      throw .truncated(expected: Self.fixedLength, found: body.count)
    }
    self.init(
      id: body.integer(at: 0, as: UInt32.self),
      symbolCount: body.integer(at: 4, as: UInt32.self),
      payload: body.view(at: Self.fixedLength, count: body.count - Self.fixedLength))
  }

  public func encode(body: UnsafeMutableRawBufferPointer) throws(WireError) {
    body.store(bytes: payload, at: Self.fixedLength)
    body.store(id, at: 0)
    body.store(symbolCount ?? Self.cut, at: 4)
  }
}
