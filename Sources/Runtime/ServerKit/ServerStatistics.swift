import Synchronization

/// What a server has done since it was made.
public struct ServerStatistics: Equatable, Sendable {
  /// Connections that were accepted.
  public var connections = 0
  /// Connections that were turned away because there were too many.
  public var refusedConnections = 0
  /// Requests that came to their end, or whose time ran out before; withdrawn ones are not counted.
  public var requests = 0
  /// Requests that were answered with a prediction.
  public var predictions = 0
  /// Predictions from fewer symbols than the path has.
  public var prefixes = 0
  /// Requests that were refused.
  public var refusals = 0
  /// Requests that their device withdrew before it had an answer.
  public var cancelled = 0
  /// Requests that waited to be run when they were withdrawn or their device left.
  public var abandoned = 0
  /// Error frames sent, turned-away connections included.
  public var errors = 0
  /// Runs of a remote network.
  public var batches = 0
  /// The most requests that one run answered.
  public var largestBatch = 0

  public init() {}
}

extension ServerStatistics: CustomStringConvertible {
  public var description: String {
    """
    connections: \(connections), turned away: \(refusedConnections), requests: \(requests), \
    predictions: \(predictions), prefixes: \(prefixes), refused: \(refusals), \
    cancelled: \(cancelled), batches: \(batches), largest batch: \(largestBatch), \
    abandoned: \(abandoned), errors: \(errors)
    """
  }
}

/// The statistics while threads add to them.
final class StatisticsCounter: Sendable {
  private let statistics = Mutex(ServerStatistics())

  var current: ServerStatistics { statistics.withLock { $0 } }

  func update(_ change: (inout ServerStatistics) -> Void) {
    statistics.withLock { change(&$0) }
  }
}
