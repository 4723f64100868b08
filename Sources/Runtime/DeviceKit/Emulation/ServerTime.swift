/// How the server's share of an inference is timed.
public enum ServerTime: Equatable, Sendable {
  /// As the server measured it and says in its answer.
  case measured
  /// Always this many microseconds, which all stand in the receipt's `run`; `queue` and `decode`
  /// are 0. Published tables and tests pin it.
  case pinned(microseconds: Int)

  /// What every request takes; `nil` where it is measured.
  public var pinnedMicroseconds: Int? {
    if case .pinned(let microseconds) = self { microseconds } else { nil }
  }

  /// `measured`, or milliseconds from 0 to 3,600,000; `nil` for any other text.
  public init?(_ text: String) {
    if text == "measured" {
      self = .measured
    } else if let milliseconds = Double(text), milliseconds >= 0, milliseconds <= 3_600_000 {
      self = .pinned(microseconds: Int((milliseconds * 1000).rounded()))
    } else {
      return nil
    }
  }
}
