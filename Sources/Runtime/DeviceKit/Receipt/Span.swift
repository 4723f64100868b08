/// A stage of an inference on one of the three lanes of emulated time.
public struct Span: Equatable, Sendable {
  /// What runs in it. On one lane nothing overlaps; the lanes run side by side.
  public enum Lane: String, CaseIterable, Sendable {
    /// The microcontroller.
    case core
    /// The radio, and the air between it and the server.
    case radio
    /// The server.
    case server
  }

  /// What happens, in the order in which an inference usually has it.
  public enum Stage: String, CaseIterable, Sendable {
    /// The camera's image to what is sent.
    case extract
    /// Quantise, code and frame a part of it.
    case code
    /// A transmission to the server, until the radio is free again.
    case uplink
    /// The way from one side to the other that no longer binds the radio.
    case flight
    /// The device's own network behind what is sent.
    case local
    /// How sure an exit is of its answer.
    case ask
    /// The request waits on the server.
    case queue
    /// The server turns the payload into features.
    case decode
    /// The remote network. A pinned server time stands here whole.
    case run
    /// The answer's transmission.
    case downlink
    /// The answer is checked and combined with the device's own.
    case combine
  }

  public var stage: Stage
  public var lane: Lane
  /// Microseconds since the image was there.
  public var start: Int
  public var end: Int

  public init(_ stage: Stage, _ lane: Lane, start: Int, end: Int) {
    self.stage = stage
    self.lane = lane
    self.start = start
    self.end = end
  }

  public var microseconds: Int { end - start }
}

extension Sequence<Span> {
  /// How long each stage binds the answer: its part of one unbroken way back from the answer to the
  /// image, on which every moment belongs to the span that ended last before what followed it.
  ///
  /// - Returns: microseconds by stage; with the moments in which nothing but a deadline or a link that
  ///   does not answer was waited for they add up to `total`.
  public func criticalPath(total: Int) -> [Span.Stage: Int] {
    let spans = filter { $0.end > $0.start }.sorted { ($0.end, $0.start) < ($1.end, $1.start) }
    var shares: [Span.Stage: Int] = [:]
    var instant = total
    var rest = spans[...]
    while instant > 0 {
      guard let index = rest.lastIndex(where: { $0.end <= instant }) else { break }
      let span = rest[index]
      shares[span.stage, default: 0] += span.microseconds
      instant = span.start
      rest = rest[..<index]
    }
    return shares
  }
}
