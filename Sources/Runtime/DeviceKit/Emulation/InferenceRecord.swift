import Board
import DeviceCore

/// What is noted of one image while it is in hand, for its receipt.
struct InferenceRecord {
  let start: Double
  private var spans: [(stage: Span.Stage, lane: Span.Lane, start: Double, end: Double)] = []
  var bytes = Receipt.Bytes()
  /// How long the radio sends and receives for the image, µs.
  private(set) var sending = 0.0
  private(set) var receiving = 0.0

  init(start: Double) {
    self.start = start
  }

  mutating func add(_ stage: Span.Stage, _ lane: Span.Lane, from start: Double, to end: Double) {
    guard end > start else { return }
    // Operators that follow each other are one span, whatever the pieces they were run in.
    if let last = spans.last, last.stage == stage, last.lane == lane, last.end == start,
      lane == .core
    {
      spans[spans.count - 1].end = end
    } else {
      spans.append((stage, lane, start, end))
    }
  }

  mutating func sends(for microseconds: Double) { sending += microseconds }
  mutating func receives(for microseconds: Double) { receiving += microseconds }

  /// The spans up to the answer, in whole microseconds since the image.
  ///
  /// At a deadline the answer takes the core from work that is under way, which ends there.
  func spans(until end: Double) -> [Span] {
    let answer = spans.last { $0.stage == .combine }?.start ?? end
    func whole(_ instant: Double) -> Int { Int((min(instant, end) - start).wholeMicroseconds) }
    return spans.filter { $0.start < end }
      .sorted { ($0.start, $0.end) < ($1.start, $1.end) }
      .map { span in
        let isCut = span.lane == .core && span.stage != .combine
        return Span(
          span.stage, span.lane, start: whole(span.start),
          end: whole(isCut ? min(span.end, answer) : span.end))
      }
      .filter { $0.end > $0.start }
  }
}
