/// The server's answer when it has no other.
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
    let messageLength = Int(body.integer(at: 2, as: UInt16.self))
    guard messageLength <= WireProtocol.maximumMessageLength else {
      throw .bodyTooLong(
        length: UInt32(messageLength), maximum: WireProtocol.maximumMessageLength)
    }
    try body.checkLength(Self.fixedLength + messageLength)
    self.code = code
    message = body.view(at: Self.fixedLength, count: messageLength)
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
    public var text: String {
      let repaired = String(decoding: message, as: UTF8.self)
      return String(
        String.UnicodeScalarView(
          repaired.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? " " : scalar
          }))
    }

    /// The whole frame with as much of `text` as fits, cut between characters.
    public static func encoded(code: WireErrorCode, text: String) throws(WireError) -> [UInt8] {
      var message: [UInt8] = []
      for character in text {
        guard message.count + character.utf8.count <= WireProtocol.maximumMessageLength else {
          break
        }
        message += character.utf8
      }
      let result = message.withUnsafeBytes { bytes in
        Result { () throws(WireError) in
          try ErrorFrame(code: code, message: bytes).encoded()
        }
      }
      return try result.get()
    }
  }
#endif
