/// What the symbols so far have left of the numbers between 0 and 1, of which the payload is one, in
/// base 256.
struct CodedInterval {
  /// Where it begins, in units of the last byte put out over 2^32.
  var low: UInt32 = 0
  /// How wide it is, in the same units.
  var range: UInt32 = .max

  /// Narrows it to a symbol's share of the total; true if `low` grew beyond 2^32.
  ///
  /// The range is at least 2^24 before: a share is at least 2^9 wide.
  /// - Parameter share: the cumulative frequency of the symbols below it, and above 16 bits of that the
  ///   one with it.
  @inline(__always)
  mutating func narrow(to share: UInt32) -> Bool {
    let start = share & 0xFFFF
    range >>= RangeTables.totalBits
    let (sum, carried) = low.addingReportingOverflow(range &* start)
    low = sum
    range = range &* ((share >> 16) &- start)
    return carried
  }

  /// Whether bytes must be put out before the next symbol: one, and after the most improbable symbols two.
  @inline(__always)
  var isNarrow: Bool { range < 1 << 24 }

  /// Puts out a byte: what is left is 256 times as wide.
  @inline(__always)
  mutating func nextByte() -> UInt8 {
    let byte = UInt8(truncatingIfNeeded: low >> 24)
    low <<= 8
    range <<= 8
    return byte
  }
}
