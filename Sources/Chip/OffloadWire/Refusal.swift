/// Takes the place of one request's prediction; the connection stays open.
///
///      0  id                      u32
///      4  code                    u16
///      6  messageLength           u16  256 at most
///      8  retryAfterMilliseconds  u32
///     12  message                 messageLength bytes of UTF-8, for people
public struct Refusal: WireFrame {
  /// The request's.
  public let id: UInt32
  public let code: RefusalCode
  /// When it is worth asking again; 0: the server does not know, or at once.
  public let retryAfterMilliseconds: UInt32
  /// UTF-8, unchecked: to be repaired before it is shown.
  public let message: UnsafeRawBufferPointer

  public static let type = FrameType.refusal
  static let fixedLength = 12

  public init(
    id: UInt32, code: RefusalCode, retryAfterMilliseconds: UInt32 = 0,
    message: UnsafeRawBufferPointer
  ) {
    self.id = id
    self.code = code
    self.retryAfterMilliseconds = retryAfterMilliseconds
    self.message = message
  }

  public var bodyLength: Int { Self.fixedLength + message.count }

  public init(decoding body: UnsafeRawBufferPointer) throws(WireError) {
    guard body.count >= Self.fixedLength else {
      throw .truncated(expected: Self.fixedLength, found: body.count)
    }
    let rawCode = body.integer(at: 4, as: UInt16.self)
    guard let code = RefusalCode(rawValue: rawCode) else { throw .unknownRefusalCode(rawCode) }
    self.code = code
    id = body.integer(at: 0, as: UInt32.self)
    message = try body.message(at: Self.fixedLength, lengthAt: 6)
    retryAfterMilliseconds = body.integer(at: 8, as: UInt32.self)
  }

  public func encode(body: UnsafeMutableRawBufferPointer) throws(WireError) {
    body.store(bytes: message, at: Self.fixedLength)
    body.store(id, at: 0)
    body.store(code.rawValue, at: 4)
    body.store(UInt16(message.count), at: 6)
    body.store(retryAfterMilliseconds, at: 8)
  }
}

#if !hasFeature(Embedded)
  extension Refusal {
    /// The message, with control characters and what is not UTF-8 replaced: fit for one line.
    public var text: String { message.oneLine }

    /// The whole frame with as much of `text` as fits, cut between characters.
    public static func encoded(
      id: UInt32, code: RefusalCode, retryAfterMilliseconds: UInt32 = 0, text: String
    ) throws(WireError) -> [UInt8] {
      let result = messageBytes(of: text).withUnsafeBytes { bytes in
        Result { () throws(WireError) in
          try Refusal(
            id: id, code: code, retryAfterMilliseconds: retryAfterMilliseconds, message: bytes
          ).encoded()
        }
      }
      return try result.get()
    }
  }
#endif
