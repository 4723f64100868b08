import NIOCore

/// The one time limit that a connection is under at any moment.
struct ConnectionTimeLimit {
  /// What is waited for. Two equal phases are one wait: whatever trickles in does not prolong it.
  enum Phase: Equatable {
    case awaitingHello
    /// Bytes of the frame after so many.
    case insideFrame(Int)
    /// The frame after so many.
    case idle(Int)
    /// The request of that number of the server's, from infer to end.
    case receiving(InferenceRequest.ID)
    /// The worker answers or fails, so there is no limit.
    case answering
    case lingering
  }

  private let configuration: ServerConfiguration
  private var phase: Phase?
  private var timer: Scheduled<Void>?

  init(_ configuration: ServerConfiguration) {
    self.configuration = configuration
  }

  /// Calls `expire` when `phase` has lasted too long. The same phase again changes nothing.
  mutating func apply(
    _ phase: Phase, on loop: any EventLoop, expire: @escaping () -> Void
  ) {
    guard phase != self.phase else { return }
    self.phase = phase
    timer?.cancel()
    timer = duration(of: phase).map {
      loop.assumeIsolated().scheduleTask(in: $0, expire)
    }
  }

  mutating func cancel() {
    timer?.cancel()
    timer = nil
  }

  private func duration(of phase: Phase) -> TimeAmount? {
    switch phase {
    case .awaitingHello: configuration.helloTimeout
    case .insideFrame: configuration.frameTimeout
    case .idle: configuration.idleTimeout
    case .receiving: configuration.requestTimeout
    case .answering: nil
    case .lingering: configuration.lingerTimeout
    }
  }
}
