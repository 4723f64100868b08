extension RangeEncoder {
  /// Bytes that no `symbols` symbols exceed where none has a smaller frequency.
  ///
  /// A symbol divides the range by 2^15 / frequency, and by 1 + 2^-9 more for the bits that the
  /// division into shares drops: less than 1/256 of a bit.
  public static func worstCaseBytes(symbols: Int, leastFrequency: Int) -> Int {
    precondition(symbols >= 0 && 1...RangeTables.total ~= leastFrequency)
    guard symbols < Int.max / 32 else { return .max }
    var bits = Int(RangeTables.totalBits)
    while bits > 0, leastFrequency >> (Int(RangeTables.totalBits) - bits + 1) > 0 { bits -= 1 }
    return symbols / 8 * bits + (symbols % 8 * bits + 7) / 8 + symbols / 2048 + 2
  }
}
