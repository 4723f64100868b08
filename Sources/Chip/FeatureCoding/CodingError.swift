/// Why features could not be coded or a payload not decoded.
public enum CodingError: Error, Equatable, Sendable {
  /// The features, symbols or values do not have the length that their shape demands.
  case lengthMismatch(expected: Int, found: Int)
  /// A symbol is not in the alphabet.
  case symbolOutOfRange(symbol: UInt8, alphabetSize: Int)
  /// The output buffer is full before the end.
  case outputTooSmall(capacity: Int)
  /// The workspace cannot hold the dictionary that so many symbols need.
  case workspaceTooSmall(capacity: Int)
  /// The payload ends before the last symbol.
  case truncated(symbolsDecoded: Int, symbolCount: Int)
  /// The payload has a code that is not in the dictionary yet.
  case undefinedCode(code: Int, dictionarySize: Int)
  /// The last code stands for more symbols than are left.
  case overrun(symbolCount: Int)
  /// The payload goes on after the last symbol.
  case trailingBytes(count: Int)
  /// A bit between the last code and the end of its byte is set.
  case nonZeroPadding
  /// The payload has a number that is no symbol's share.
  case undefinedRange(symbolsDecoded: Int)
  /// The payload's last bytes are not the ones that the range coder ends so many symbols with.
  case wrongEnd
  /// The coder's tables are not what they say they are, at this byte.
  case malformedTables(offset: Int)
  /// The coder's tables are for another number of channels or another alphabet.
  case tablesMismatch
}

#if !hasFeature(Embedded)
  extension CodingError: CustomStringConvertible {
    public var description: String {
      switch self {
      case .lengthMismatch(let expected, let found):
        "expected \(expected) values, found \(found)"
      case .symbolOutOfRange(let symbol, let alphabetSize):
        "symbol \(symbol) is outside the alphabet of \(alphabetSize)"
      case .outputTooSmall(let capacity):
        "the output does not fit in \(capacity) bytes"
      case .workspaceTooSmall(let capacity):
        "a workspace of \(capacity) bytes cannot hold the dictionary"
      case .truncated(let decoded, let count):
        "the payload ends after \(decoded) of \(count) symbols"
      case .undefinedCode(let code, let size):
        "code \(code) is not in the dictionary of \(size)"
      case .overrun(let count):
        "the last code goes past the \(count) symbols"
      case .trailingBytes(let count):
        "\(count) bytes follow the last symbol"
      case .nonZeroPadding:
        "a padding bit after the last code is set"
      case .undefinedRange(let decoded):
        "the payload leaves every symbol's share after \(decoded) symbols"
      case .wrongEnd:
        "the payload does not end as a coder ends it"
      case .malformedTables(let offset):
        "the coder's tables are malformed at byte \(offset)"
      case .tablesMismatch:
        "the coder's tables are for other features"
      }
    }
  }
#endif
