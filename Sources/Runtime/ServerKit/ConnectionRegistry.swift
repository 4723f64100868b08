import NIOCore
import Synchronization

/// The connections that are open, and how to end them.
final class ConnectionRegistry: Sendable {
  enum Admission {
    case admitted
    case tooMany
    /// The server is shutting down.
    case closed
  }

  private struct State {
    var connections: [ObjectIdentifier: Connection] = [:]
    var isClosed = false
    var whenEmpty: EventLoopPromise<Void>?
  }

  private struct Connection: Sendable {
    let channel: any Channel
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
      guard state.connections.count < limit else { return .tooMany }
      state.connections[ObjectIdentifier(channel)] = Connection(channel: channel, drain: drain)
      return .admitted
    }
  }

  func remove(_ channel: any Channel) {
    let promise = state.withLock { state in
      state.connections[ObjectIdentifier(channel)] = nil
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
