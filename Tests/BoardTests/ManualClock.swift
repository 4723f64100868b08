import Synchronization

/// A clock that moves only when it is told to, or when somebody sleeps on it.
///
/// Each sleep is noted and ends late by `lateness`.
final class ManualClock: Clock, Sendable {
  struct Instant: InstantProtocol {
    var offset: Duration

    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
    static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
  }

  private struct State {
    var now: Duration
    var sleeps: [Duration] = []
  }

  private let state: Mutex<State>
  private let lateness: Duration

  init(at start: Duration = .seconds(1000), lateness: Duration = .zero) {
    state = Mutex(State(now: start))
    self.lateness = lateness
  }

  var now: Instant { state.withLock { Instant(offset: $0.now) } }
  var minimumResolution: Duration { .zero }
  /// The instants slept until, by the clock's own count.
  var sleeps: [Duration] { state.withLock { $0.sleeps } }

  func pass(_ duration: Duration) {
    state.withLock { $0.now += duration }
  }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    try Task.checkCancellation()
    state.withLock { state in
      state.sleeps.append(deadline.offset)
      state.now = max(state.now, deadline.offset + lateness)
    }
  }
}
