import NIOCore
import Synchronization

/// The connections that are open, and how to end them.
final class ConnectionRegistry: Sendable {
  enum Admission {
    case admitted
    /// As many as are served: this one is told so, and closes soon.
    case tooMany
    /// So many that they cannot even be told.
    case flooded
    /// The server is shutting down.
    case closed
  }

  private struct State {
    var connections: [ObjectIdentifier: Connection] = [:]
    var admitted = 0
    var isClosed = false
    var whenEmpty: EventLoopPromise<Void>?
  }

  private struct Connection: Sendable {
    let channel: any Channel
    let isAdmitted: Bool
    let drain: @Sendable () -> Void
  }

  private let state = Mutex(State())
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  /// - Parameter drain: asks the connection to close as soon as it has no request in flight.
  func admit(_ channel: any Channel, drain: @escaping @Sendable () -> Void) -> Admission {
    state.withLock { state in
      guard !state.isClosed else { return .closed }
      guard state.connections.count < 2 * limit else { return .flooded }
      let isAdmitted = state.admitted < limit
      if isAdmitted { state.admitted += 1 }
      state.connections[ObjectIdentifier(channel)] = Connection(
        channel: channel, isAdmitted: isAdmitted, drain: drain)
      return isAdmitted ? .admitted : .tooMany
    }
  }

  func remove(_ channel: any Channel) {
    let promise = state.withLock { state in
      let connection = state.connections.removeValue(forKey: ObjectIdentifier(channel))
      if connection?.isAdmitted == true { state.admitted -= 1 }
      guard state.connections.isEmpty else { return EventLoopPromise<Void>?.none }
      defer { state.whenEmpty = nil }
      return state.whenEmpty
    }
    promise?.succeed()
  }

  /// Admits no more, drains what is there, and keeps the promise when nothing is left.
  func drain(_ promise: EventLoopPromise<Void>) {
    let connections = state.withLock { state in
      state.isClosed = true
      if !state.connections.isEmpty { state.whenEmpty = promise }
      return Array(state.connections.values)
    }
    if connections.isEmpty { promise.succeed() }
    for connection in connections { connection.drain() }
  }

  /// Closes what is still there, whatever it is doing.
  func closeAll() {
    for connection in state.withLock({ Array($0.connections.values) }) {
      connection.channel.close(promise: nil)
    }
  }
}
