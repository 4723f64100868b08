/// Why bytes are not a frame, or a frame cannot be written.
public enum WireError: Error, Equatable, Sendable {
  /// The bytes end before the frame does.
  case truncated(expected: Int, found: Int)
  /// Bytes follow the frame's end.
  case trailingBytes(count: Int)
  /// The first byte is not a type of version 2.
  case unknownType(UInt8)
  /// A field that must be zero is not.
  case reservedNotZero
  /// A body of this type cannot be so short.
  case bodyTooShort(length: UInt32, minimum: Int)
  /// The body is longer than the receiver takes.
  case bodyTooLong(length: UInt32, maximum: Int)
  /// A hello does not begin with the magic.
  case badMagic(UInt32)
  /// The other side speaks a version that this code does not.
  case unsupportedVersion(UInt16)
  /// A token, a message or the logits do not fit in their length field or its limit.
  case fieldTooLong(length: Int, maximum: Int)
  /// A scale is not a positive finite number.
  case badScale
  /// An error has a code that version 2 does not have.
  case unknownErrorCode(UInt16)
  /// A refusal has a code that version 2 does not have.
  case unknownRefusalCode(UInt16)
  /// The buffer is shorter than the frame to be written.
  case bufferTooSmall(needed: Int, capacity: Int)

  /// What a server answers to bytes that give this error, before it closes the connection.
  public var code: WireErrorCode {
    switch self {
    case .bodyTooLong: .tooLarge
    case .unsupportedVersion: .unsupportedVersion
    case .bufferTooSmall, .fieldTooLong: .internalFailure
    case .truncated, .trailingBytes, .unknownType, .reservedNotZero, .bodyTooShort, .badMagic,
      .badScale, .unknownErrorCode, .unknownRefusalCode:
      .malformed
    }
  }
}

#if !hasFeature(Embedded)
  extension WireError: CustomStringConvertible {
    public var description: String {
      switch self {
      case .truncated(let expected, let found):
        "a frame of \(expected) bytes ends after \(found)"
      case .trailingBytes(let count): "\(count) bytes follow the frame's end"
      case .unknownType(let type): "\(type) is not a frame type of this version"
      case .reservedNotZero: "a reserved field is not zero"
      case .bodyTooShort(let length, let minimum):
        "a body of \(length) bytes is shorter than the least, \(minimum)"
      case .bodyTooLong(let length, let maximum):
        "a body of \(length) bytes is longer than the limit, \(maximum)"
      case .badMagic(let magic):
        "hello begins with 0x\(String(magic.byteSwapped, radix: 16)), not the protocol's magic"
      case .unsupportedVersion(let version): "protocol version \(version) is not supported"
      case .fieldTooLong(let length, let maximum):
        "a field of \(length) bytes is longer than the limit, \(maximum)"
      case .badScale: "the scale of the logits is not a positive finite number"
      case .unknownErrorCode(let code): "\(code) is not an error code of this version"
      case .unknownRefusalCode(let code): "\(code) is not a refusal code of this version"
      case .bufferTooSmall(let needed, let capacity):
        "a frame of \(needed) bytes does not fit in \(capacity)"
      }
    }
  }
#endif
