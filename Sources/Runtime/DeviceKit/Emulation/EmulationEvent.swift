/// Something that will happen at an instant of emulated time.
struct EmulationEvent {
  enum Kind {
    /// The core ends its work.
    case coreDone
    /// The radio has taken what it was given.
    case radioFree
    /// A transmission is whole at the server.
    case arrival(bytes: [UInt8])
    /// The time that a request left the server is up.
    case serverDeadline(request: UInt32)
    /// A frame of the server's is whole at the device.
    case reply(frame: [UInt8])
    /// The connection turns out to be gone.
    case linkLost
  }

  /// Microseconds.
  let instant: Double
  let kind: Kind
}

/// What is to come, by time; of events at one instant the one that was scheduled first comes first.
struct EmulationQueue {
  private var events: [EmulationEvent] = []

  var nextInstant: Double? { events.first?.instant }

  mutating func schedule(_ kind: EmulationEvent.Kind, at instant: Double) {
    let position = events.firstIndex { $0.instant > instant } ?? events.endIndex
    events.insert(EmulationEvent(instant: instant, kind: kind), at: position)
  }

  mutating func removeFirst() -> EmulationEvent { events.removeFirst() }

  /// Whatever was under way on the connection does not happen any more.
  mutating func dropLinkEvents() {
    events.removeAll { event in
      switch event.kind {
      case .coreDone: false
      case .radioFree, .arrival, .serverDeadline, .reply, .linkLost: true
      }
    }
  }
}
