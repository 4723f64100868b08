import Logging
import NIOCore
import OffloadWire
import Synchronization

/// What all connections of a server share.
final class ServerCore: Sendable {
  let configuration: ServerConfiguration
  let token: Token?
  /// By digest.
  let bundles: [BundleDigest: ServedBundle]
  let statistics: StatisticsCounter
  let connections: ConnectionRegistry
  let logger: Logger
  let now: @Sendable () -> NIODeadline
  private let lastRequest = Mutex<UInt64>(0)

  init(
    configuration: ServerConfiguration, bundles: [ServedBundle], statistics: StatisticsCounter,
    logger: Logger, now: @escaping @Sendable () -> NIODeadline
  ) {
    self.configuration = configuration
    self.token = configuration.token.map { Token($0) }
    self.bundles = Dictionary(
      bundles.map { ($0.digest, $0) }, uniquingKeysWith: { first, _ in first })
    self.statistics = statistics
    connections = ConnectionRegistry(limit: configuration.maximumConnections)
    self.logger = logger
    self.now = now
  }

  func nextRequestID() -> InferenceRequest.ID {
    lastRequest.withLock {
      $0 += 1
      return $0
    }
  }
}
