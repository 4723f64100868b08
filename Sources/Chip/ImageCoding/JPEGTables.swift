/// What the encoder looks up, as a plan holds it: divisors, Huffman codes, the zigzag order.
///
/// `docs/coding.md` has the layout. Everything is a view of the bytes, which must outlive it.
public struct JPEGTables {
  public let sampling: ChromaSampling
  private let base: UnsafeRawPointer

  /// Bytes of the tables.
  public static let size = Layout.zigzag + 64

  /// Byte offsets in the tables.
  enum Layout {
    static let sampling = 0
    /// u16: eight times the quantiser's step, in zigzag order; brightness, then colour.
    static let divisors = 4
    /// u32: 2^32 / divisor, rounded down, + 1.
    static let reciprocals = divisors + 2 * 64 * 2
    /// u32 for each number of bits, 0 to 11: a code in the low half, its length in the high one.
    static let direct = reciprocals + 2 * 64 * 4
    /// u32 for each byte run · 16 + bits; 0 where there is no code.
    static let alternating = direct + 2 * directCodes * 4
    /// u8: the place in a block, row by row, of each coefficient in zigzag order.
    static let zigzag = alternating + 2 * 256 * 4
    static let directCodes = 12
  }

  /// - Returns: nil for bytes that are no such tables, or do not begin at a multiple of four.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.size, let base = bytes.baseAddress,
      UInt(bitPattern: base) & 3 == 0, bytes[1] == 0, bytes[2] == 0, bytes[3] == 0,
      let sampling = ChromaSampling(rawValue: bytes[Layout.sampling])
    else { return nil }
    self.base = base
    self.sampling = sampling
    guard hasCodes, hasDivisors, hasOrder else { return nil }
  }

  /// Of bytes that were checked before; another time would take as long as coding a picture.
  public init(checked bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.size, let base = bytes.baseAddress,
      let sampling = ChromaSampling(rawValue: bytes[Layout.sampling])
    else { preconditionFailure("the tables were not checked") }
    self.base = base
    self.sampling = sampling
  }

  /// The tables of brightness, or of colour.
  @inline(__always)
  func component(isColour: Bool) -> JPEGComponentTables {
    let index = isColour ? 1 : 0
    return JPEGComponentTables(
      divisors: words(at: Layout.divisors + index * 128, of: UInt16.self),
      reciprocals: words(at: Layout.reciprocals + index * 256, of: UInt32.self),
      direct: words(at: Layout.direct + index * 4 * Layout.directCodes, of: UInt32.self),
      alternating: words(at: Layout.alternating + index * 1024, of: UInt32.self))
  }

  var zigzag: UnsafePointer<UInt8> { words(at: Layout.zigzag, of: UInt8.self) }

  @inline(__always)
  private func words<Word>(at offset: Int, of type: Word.Type) -> UnsafePointer<Word> {
    (base + offset).assumingMemoryBound(to: type)
  }

  private var hasOrder: Bool {
    for index in 0..<64 where zigzag[index] > 63 { return false }
    return true
  }

  private var hasDivisors: Bool {
    let divisors = words(at: Layout.divisors, of: UInt16.self)
    let reciprocals = words(at: Layout.reciprocals, of: UInt32.self)
    for index in 0..<128 {
      let divisor = UInt32(divisors[index])
      guard divisor >= 8, divisor <= 2040, divisor & 7 == 0 else { return false }
      guard reciprocals[index] == UInt32.max / divisor + (divisor.nonzeroBitCount == 1 ? 2 : 1)
      else { return false }
    }
    return true
  }

  /// Whether everything that a picture may need has a code.
  private var hasCodes: Bool {
    for index in 0..<2 {
      let tables = component(isColour: index == 1)
      for bits in 0..<Layout.directCodes where !Self.isCode(tables.direct[bits]) { return false }
      for run in 0..<16 {
        for bits in 1...10 where !Self.isCode(tables.alternating[run << 4 | bits]) { return false }
      }
      guard Self.isCode(tables.alternating[0]), Self.isCode(tables.alternating[0xF0]) else {
        return false
      }
    }
    return true
  }

  private static func isCode(_ entry: UInt32) -> Bool {
    let length = entry >> 16
    return length >= 1 && length <= 16 && entry & 0xFFFF < 1 << length
  }
}

/// What one component of a picture is coded by.
struct JPEGComponentTables {
  let divisors: UnsafePointer<UInt16>
  let reciprocals: UnsafePointer<UInt32>
  let direct: UnsafePointer<UInt32>
  let alternating: UnsafePointer<UInt32>
}

/// A view of immutable bytes.
extension JPEGTables: @unchecked Sendable {}
