public import CommandLineKit

/// How far a run has come, on standard error, where a person watches.
public final class RunProgress {
  private let line: StatusLine
  private let total: Int
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var done = 0

  public init(total: Int, line: StatusLine = StatusLine()) {
    self.total = total
    self.line = line
    start = clock.now
  }

  /// One image more is done.
  public func add() {
    advance(to: done + 1)
  }

  /// So many images are done.
  public func advance(to count: Int) {
    done = count
    let elapsed = start.duration(to: clock.now) / .seconds(1)
    line.update(at: elapsed) {
      let rate = elapsed > 0 ? Int((Double(done) / elapsed).rounded()) : 0
      return "\(done) of \(total) images, \(rate) a second"
    }
  }

  /// Writes a warning that stays.
  public func warn(_ text: String) {
    line.note(text)
  }

  public func end() {
    line.clear()
  }
}
