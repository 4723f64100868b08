import Synchronization

/// Emulated time, in microseconds since the device was switched on.
///
/// Virtual time only adds. Paced time also sleeps, always until the absolute instant, so that
/// sleeps that end late do not add up: where the host is late, the following sleeps are shorter
/// until it has caught up.
public final class Timeline: Sendable {
  /// How emulated time relates to the wall clock.
  public enum Mode: String, CaseIterable, Sendable {
    /// Sleeps nowhere.
    case virtual
    /// The wall clock equals emulated time.
    case paced
  }

  public let mode: Mode
  private let instant = Mutex(Instant())
  private let pace: any Pace

  private struct Instant {
    var now = 0.0
    /// Wall time at emulated time 0; nil until paced time first moves.
    var origin: Duration?
  }

  /// - Parameter clock: what paced time sleeps by.
  public init(_ mode: Mode, clock: some Clock<Duration> = ContinuousClock()) {
    self.mode = mode
    pace = ClockPace(clock)
  }

  /// Emulated time, µs.
  public var now: Double { instant.withLock { $0.now } }

  /// Wall time since some fixed instant, µs: the clock that paced time sleeps by.
  public var wallMicroseconds: Double { pace.elapsed.microseconds }

  /// Lets time pass. In paced time the wall clock has passed it too when this returns, except
  /// where the task was cancelled: then the sleep is cut short, and emulated time has moved all the
  /// same.
  public func advance(microseconds: Double) async {
    precondition(microseconds >= 0 && microseconds.isFinite, "time moves forward")
    let elapsed = pace.elapsed
    let wake: Duration? = instant.withLock { instant in
      let origin = instant.origin ?? (elapsed - .microseconds(instant.now))
      instant.origin = origin
      instant.now += microseconds
      return mode == .paced ? origin + .microseconds(instant.now) : nil
    }
    guard let wake, wake > elapsed else { return }
    await pace.sleep(until: wake)
  }

  /// Lets time pass up to an instant; one that has passed already changes nothing.
  public func advance(to instant: Double) async {
    await advance(microseconds: max(0, instant - now))
  }

  /// Declares that emulated time is now, whatever the wall clock did meanwhile.
  ///
  /// For after work that is no part of the emulated device (loading data, reconnecting): without
  /// it, paced time would hurry through what follows to catch up.
  public func synchronise() {
    let elapsed = pace.elapsed
    instant.withLock { $0.origin = elapsed - .microseconds($0.now) }
  }
}

/// A clock whose instants are told as time since it was made, so that its type need not be known.
private protocol Pace: Sendable {
  var elapsed: Duration { get }
  func sleep(until elapsed: Duration) async
}

private struct ClockPace<C: Clock>: Pace where C.Duration == Duration {
  private let clock: C
  private let start: C.Instant

  init(_ clock: C) {
    self.clock = clock
    start = clock.now
  }

  var elapsed: Duration { start.duration(to: clock.now) }

  func sleep(until elapsed: Duration) async {
    // A sleep that was cancelled is over; see `Timeline.advance(microseconds:)`.
    try? await clock.sleep(until: start.advanced(by: elapsed), tolerance: nil)
  }
}

extension Duration {
  fileprivate var microseconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) * 1e6 + Double(attoseconds) / 1e12
  }
}
