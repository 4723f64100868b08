import Board

extension RadioProfile {
  /// When `work` microseconds of link time that begin at `start` are over: outages stop the link
  /// and it goes on where it stopped.
  func instant(after work: Double, from start: Double) -> Double {
    guard !outages.isEmpty else { return start + work }
    var now = start
    var left = work
    while true {
      if let end = outages.compactMap({ $0.end(at: now) }).max() {
        now = end
        continue
      }
      let next = outages.map { $0.nextStart(after: now) }.min() ?? .infinity
      if now + left <= next { return now + left }
      left -= next - now
      now = next
    }
  }
}

extension RadioProfile.Outage {
  /// Where `instant` lies in the outage: when that ends.
  fileprivate func end(at instant: Double) -> Double? {
    guard instant >= startMicroseconds else { return nil }
    let end = latestStart(at: instant) + durationMicroseconds
    return end > instant ? end : nil
  }

  /// The first time after `instant` that the outage begins, infinity where it does not again.
  fileprivate func nextStart(after instant: Double) -> Double {
    if instant < startMicroseconds { return startMicroseconds }
    guard let periodMicroseconds else { return .infinity }
    // Rounding must not leave the caller where it is.
    return max(latestStart(at: instant) + periodMicroseconds, instant.nextUp)
  }

  private func latestStart(at instant: Double) -> Double {
    guard let periodMicroseconds else { return startMicroseconds }
    let periods = ((instant - startMicroseconds) / periodMicroseconds).rounded(.down)
    return startMicroseconds + periods * periodMicroseconds
  }
}
