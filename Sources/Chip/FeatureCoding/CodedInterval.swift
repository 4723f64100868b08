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
  @inline(__always)
  mutating func narrow(start: UInt32, frequency: UInt32) -> Bool {
    range >>= RangeTables.totalBits
    let (sum, carried) = low.addingReportingOverflow(range &* start)
    low = sum
    range = range &* frequency
    return carried
  }

  /// Whether bytes must be put out before the next symbol.
  @inline(__always)
  var isNarrow: Bool { range < 1 << 24 }
}
