/// What the server says before it closes the connection.
///
/// Its layout is the same in all versions, so that a device of another version can read it.
///
///     0  code           u16
///     2  messageLength  u16  256 at most
///     4  message        messageLength bytes of UTF-8, for people
public struct ErrorFrame: WireFrame {
  public let code: WireErrorCode
  /// UTF-8, unchecked: to be repaired before it is shown.
  public let message: UnsafeRawBufferPointer

  public static let type = FrameType.error
  static let fixedLength = 4

  public init(code: WireErrorCode, message: UnsafeRawBufferPointer) {
    self.code = code
    self.message = message
  }

  public var bodyLength: Int { Self.fixedLength + message.count }

  public init(decoding body: UnsafeRawBufferPointer) throws(WireError) {
    guard body.count >= Self.fixedLength else {
      throw .truncated(expected: Self.fixedLength, found: body.count)
    }
    let rawCode = body.integer(at: 0, as: UInt16.self)
    guard let code = WireErrorCode(rawValue: rawCode) else { throw .unknownErrorCode(rawCode) }
    self.code = code
    message = try body.message(at: Self.fixedLength, lengthAt: 2)
  }

  public func encode(body: UnsafeMutableRawBufferPointer) throws(WireError) {
    body.store(bytes: message, at: Self.fixedLength)
    body.store(code.rawValue, at: 0)
    body.store(UInt16(message.count), at: 2)
  }
}

#if !hasFeature(Embedded)
  extension ErrorFrame {
    /// The message, with control characters and what is not UTF-8 replaced: fit for one line.
    public var text: String { message.oneLine }

    /// The whole frame with as much of `text` as fits, cut between characters.
    public static func encoded(code: WireErrorCode, text: String) throws(WireError) -> [UInt8] {
      let result = messageBytes(of: text).withUnsafeBytes { bytes in
        Result { () throws(WireError) in
          try ErrorFrame(code: code, message: bytes).encoded()
        }
      }
      return try result.get()
    }
  }
#endif
