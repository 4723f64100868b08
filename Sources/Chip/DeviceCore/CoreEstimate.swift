/// What the device has learnt of its own speed, from the images before.
struct CoreEstimate: Equatable {
  /// The time that a symbol takes to be coded and framed, in nanoseconds; 0 where nothing is known.
  private(set) var nanosecondsPerSymbol: UInt64 = 0
  /// The operators behind the features, up to the last device exit.
  var exits: Microseconds = 0
  /// Kept free before a deadline for checking and combining an answer.
  static let answer: Microseconds = 100

  /// What a time that is expected may be missed by.
  static func margin(of time: Microseconds) -> Microseconds { 50 + time / 32 }

  /// Fewer symbols than this say nothing of a symbol's time: the work around them takes most of it.
  private static let tellingSymbols = 256

  /// Takes in that so many symbols took so long: the slowest part counts, and is forgotten slowly.
  mutating func coded(_ symbols: Int, in time: Microseconds) {
    guard symbols >= Self.tellingSymbols || symbols > 0 && nanosecondsPerSymbol == 0 else { return }
    let seen = min(time, 86_400_000_000) * 1000 / UInt64(symbols)
    nanosecondsPerSymbol = max(seen, nanosecondsPerSymbol - nanosecondsPerSymbol / 16)
  }

  /// How long so many symbols take; 0 where nothing is known.
  func time(forSymbols symbols: Int) -> Microseconds {
    let (product, overflow) = UInt64(max(0, symbols)).multipliedReportingOverflow(
      by: nanosecondsPerSymbol)
    return (overflow ? .max : product) / 1000
  }

  /// How many symbols can be coded in a time, 2^30 at most, so that a chip's Int holds sums of them;
  /// nil where nothing is known.
  func symbols(in time: Microseconds) -> Int? {
    guard nanosecondsPerSymbol > 0 else { return nil }
    return Int(min(min(time, 86_400_000_000) * 1000 / nanosecondsPerSymbol, 1 << 30))
  }
}
