import NIOCore
import Synchronization

/// How long a path's requests take from their end to their answer, waiting included: a moving average
/// and twice the mean deviation from it, so that most of them take less.
final class RunTimeEstimate: Sendable {
  private struct State {
    var mean = 0.0
    var deviation = 0.0
    var isEmpty = true
  }

  private let state = Mutex(State())

  /// How much the newest request counts.
  private static let weight = 0.125

  /// What the next request will probably not exceed; 0 before the first.
  var current: TimeAmount {
    .nanoseconds(Int64(state.withLock { $0.mean + 2 * $0.deviation }))
  }

  func add(_ time: TimeAmount) {
    let nanoseconds = Double(max(0, time.nanoseconds))
    state.withLock { state in
      guard !state.isEmpty else {
        state.mean = nanoseconds
        state.isEmpty = false
        return
      }
      let distance = nanoseconds - state.mean
      state.mean += Self.weight * distance
      state.deviation += Self.weight * (abs(distance) - state.deviation)
    }
  }
}
