/// The tag in front of each element of a MATLAB level 5 file ("MAT-File Format", The MathWorks):
/// what it holds and how many bytes of it follow.
struct MATElement: Equatable, Sendable {
  /// What an element holds: the format's `mi` types.
  enum Kind: UInt32, Sendable {
    case int8 = 1
    case uint8 = 2
    case int16 = 3
    case uint16 = 4
    case int32 = 5
    case uint32 = 6
    case single = 7
    case double = 9
    case int64 = 12
    case uint64 = 13
    case matrix = 14
    case compressed = 15

    /// Bytes of one number; `nil` for what is no number.
    var size: Int? {
      switch self {
      case .int8, .uint8: 1
      case .int16, .uint16: 2
      case .int32, .uint32, .single: 4
      case .double, .int64, .uint64: 8
      case .matrix, .compressed: nil
      }
    }
  }

  var kind: Kind
  /// Without the padding that follows.
  var byteCount: Int
  /// The data of an element of at most four bytes, which stands inside the tag.
  var small: [UInt8]?

  /// Bytes of a tag.
  static let tagSize = 8

  /// Bytes that fill an element up to a multiple of 8. Compressed elements have none.
  var padding: Int {
    small != nil || kind == .compressed ? 0 : (8 - byteCount % 8) % 8
  }

  /// - Parameter tag: 8 bytes.
  /// - Returns: `nil` if no such element exists.
  init?(tag: [UInt8]) {
    precondition(tag.count == Self.tagSize)
    let first = Self.word(tag, at: 0)
    let smallCount = Int(first >> 16)
    if smallCount > 0 {
      guard smallCount <= 4, let kind = Kind(rawValue: first & 0xFFFF), kind.size != nil else {
        return nil
      }
      self.kind = kind
      byteCount = smallCount
      small = Array(tag[4..<(4 + smallCount)])
    } else {
      guard let kind = Kind(rawValue: first) else { return nil }
      self.kind = kind
      byteCount = Int(Self.word(tag, at: 4))
    }
  }

  /// The little-endian 32-bit number at an offset.
  static func word(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
  }
}
