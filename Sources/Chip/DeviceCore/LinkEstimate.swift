/// What the device has learnt of its link and its server, in whole numbers, so that host and chip
/// agree to the bit.
///
/// Each figure moves a quarter of the way to what was seen last: old enough to ride out one odd
/// packet, young enough to follow a link that fades.
public struct LinkEstimate: Equatable, Sendable {
  /// The time that a byte takes towards the server, in nanoseconds; 0 where nothing is known.
  public private(set) var nanosecondsPerByte: UInt64 = 0
  /// From the last byte's sending to the answer's arrival; 0 where nothing is known.
  public private(set) var turnaround: Microseconds = 0
  /// The part of the turnaround in which the server worked, as its answers say.
  public private(set) var serverTime: Microseconds = 0

  /// - Parameter bytesPerSecond: the radio's nominal rate; 0 where it is not known.
  init(bytesPerSecond: Int) {
    guard bytesPerSecond > 0 else { return }
    nanosecondsPerByte = 1_000_000_000 / UInt64(bytesPerSecond)
  }

  /// Takes in that so many bytes took so long.
  mutating func sent(bytes: Int, in time: Microseconds) {
    guard bytes > 0 else { return }
    // A day is as long as anything need be; so nothing overflows.
    let seen = min(time, 86_400_000_000) * 1000 / UInt64(bytes)
    nanosecondsPerByte = Self.moved(nanosecondsPerByte, towards: seen)
  }

  /// Takes in that an answer came so long after the last byte, of which the server worked so long.
  mutating func answered(after time: Microseconds, serverTime: Microseconds) {
    turnaround = Self.moved(turnaround, towards: min(time, 86_400_000_000))
    self.serverTime = Self.moved(self.serverTime, towards: min(serverTime, 86_400_000_000))
  }

  /// The part of the turnaround that is the network's.
  var networkTime: Microseconds { turnaround > serverTime ? turnaround - serverTime : 0 }

  /// How long so many bytes take; 0 where nothing is known.
  func time(forBytes bytes: Int) -> Microseconds {
    let (product, overflow) = UInt64(max(0, bytes)).multipliedReportingOverflow(
      by: nanosecondsPerByte)
    return (overflow ? .max : product) / 1000
  }

  /// How many bytes go in a time, 2^30 at most, so that a chip's Int holds sums of them; nil where
  /// nothing is known.
  func bytes(in time: Microseconds) -> Int? {
    guard nanosecondsPerByte > 0 else { return nil }
    return Int(min(min(time, 86_400_000_000) * 1000 / nanosecondsPerByte, 1 << 30))
  }

  private static func moved(_ old: UInt64, towards new: UInt64) -> UInt64 {
    guard old > 0 else { return new }
    return new >= old ? old + (new - old) / 4 : old - (old - new) / 4
  }
}
