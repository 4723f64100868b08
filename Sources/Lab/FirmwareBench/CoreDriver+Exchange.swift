public import DeviceCore
import OffloadWire

extension CoreDriver {
  /// How long things take in an exchange; all in microseconds.
  public struct Times: Sendable {
    public var work: Microseconds = 700
    public var send: Microseconds = 300
    public var answer: Microseconds = 900

    public init() {}
  }

  /// An exchange has tens of events.
  private static let mostEvents = 100_000

  /// Classifies an image over a link of fixed times, with a server that answers once a request is
  /// whole.
  ///
  /// - Parameters:
  ///   - start: when the image is there.
  ///   - reply: the frame that the server answers with, by the request's number and the symbols that
  ///     came; nil for no answer.
  /// - Returns: the instant after the last event.
  @discardableResult
  public func classify(
    _ image: [UInt8], at start: Microseconds, times: Times = Times(),
    reply: (_ request: UInt32, _ symbols: UInt32) throws -> [UInt8]?
  ) rethrows -> Microseconds {
    var timeline = ExchangeTimeline(times: times)
    var next: TracedEvent? = tell(.image, at: start, bytes: image)
    var now = start
    while let traced = next {
      timeline.take(traced, at: now)
      if let (request, symbols) = timeline.ended {
        timeline.ended = nil
        if let frame = try reply(request, symbols) { timeline.answer(frame, at: now) }
      }
      if traced.fault != nil { break }
      precondition(trace.count < Self.mostEvents, "the exchange does not end")
      guard let event = timeline.removeFirst() else { break }
      now = max(now, event.instant)
      next = tell(event.event, at: event.instant, bytes: event.bytes)
    }
    return now.saturating(1)
  }
}

/// What is to come in an exchange.
private struct ExchangeTimeline {
  let times: CoreDriver.Times
  private var events: [TracedEvent] = []
  private var timer: Microseconds?
  private var isAnswered = false
  /// A request that the last transmission ended.
  var ended: (request: UInt32, symbols: UInt32)?

  init(times: CoreDriver.Times) { self.times = times }

  mutating func take(_ traced: TracedEvent, at now: Microseconds) {
    timer = traced.actions.timer
    if traced.actions.work != nil {
      schedule(TracedEvent(.workDone, at: now.saturating(times.work)))
    }
    if !traced.sent.isEmpty {
      schedule(TracedEvent(.sent, at: now.saturating(times.send)))
      ended = Self.end(in: traced.sent)
    }
    if traced.actions.answer != nil { isAnswered = true }
  }

  mutating func answer(_ frame: [UInt8], at now: Microseconds) {
    schedule(
      TracedEvent(
        .received(bytes: frame.count), at: now.saturating(times.send + times.answer), bytes: frame))
  }

  private mutating func schedule(_ event: TracedEvent) {
    let place = events.firstIndex { $0.instant > event.instant } ?? events.endIndex
    events.insert(event, at: place)
  }

  /// The next event; nil where there is none, or nothing that an answered image still needs.
  mutating func removeFirst() -> TracedEvent? {
    if let timer, timer <= events.first?.instant ?? .max, !isAnswered {
      self.timer = nil
      return TracedEvent(.timer, at: timer)
    }
    return events.isEmpty ? nil : events.removeFirst()
  }

  /// The request that a transmission ends.
  private static func end(in bytes: [UInt8]) -> (UInt32, UInt32)? {
    bytes.withUnsafeBytes { bytes in
      var start = 0
      let framer = Framer(maximumBodyLength: bytes.count)
      while start < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        guard case .frame(let header)? = try? framer.next(in: rest) else { return nil }
        if header.type == .end,
          let end = try? End(decoding: UnsafeRawBufferPointer(rebasing: rest[header.body]))
        {
          return (end.id, end.symbolCount ?? .max)
        }
        start += header.frameSize
      }
      return nil
    }
  }
}

extension Microseconds {
  /// A later instant; the last that there is where there is none.
  fileprivate func saturating(_ time: Microseconds) -> Microseconds {
    let (sum, overflow) = addingReportingOverflow(time)
    return overflow ? .max : sum
  }
}
