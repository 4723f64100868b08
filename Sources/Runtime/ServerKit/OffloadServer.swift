public import BundleFormat
import Foundation
public import Logging
import NIOCore
import NIOPosix
public import RemoteEngine
import Synchronization

/// Serves bundles to devices over the offload protocol (`docs/protocol.md`).
///
/// Requests of all devices of one bundle go to one worker, which runs whatever waits as one batch.
public final class OffloadServer: Sendable {
  private let core: ServerCore
  private let listener = Mutex<(any Channel)?>(nil)
  private let loops = MultiThreadedEventLoopGroup.singleton

  /// The bundles that are served, as dataset and folder, in the order given.
  public let bundleNames: [String]

  /// Loads the bundles' remote graphs and runs each once.
  ///
  /// A bundle that has no remote graph, and a second one of the same digest, are passed over with a
  /// line in the log.
  ///
  /// - Throws: `ServerError`, or `RemoteEngineError` when a graph cannot be loaded.
  public convenience init(
    configuration: ServerConfiguration = ServerConfiguration(), bundles: [ModelBundle],
    engine: any RemoteEngine, logger: Logger
  ) throws {
    try self.init(
      configuration: configuration, bundles: bundles, engine: engine, logger: logger,
      now: { .now() })
  }

  init(
    configuration: ServerConfiguration, bundles: [ModelBundle], engine: any RemoteEngine,
    logger: Logger, now: @escaping @Sendable () -> NIODeadline
  ) throws {
    let statistics = StatisticsCounter()
    var served: [ServedBundle] = []
    for bundle in bundles {
      let open = try ServedBundle(
        bundle, engine: engine, configuration: configuration, statistics: statistics, now: now)
      guard let open else {
        logger.notice("\(bundle.directory.path): not served, for no path has a remote graph")
        continue
      }
      guard !served.contains(where: { $0.digest == open.digest }) else {
        logger.notice("\(bundle.directory.path): not served twice, for it equals another bundle")
        continue
      }
      served.append(open)
    }
    guard !served.isEmpty else { throw ServerError.nothingToServe }
    bundleNames = served.map(\.name)
    core = ServerCore(
      configuration: configuration, bundles: served, statistics: statistics, logger: logger,
      now: now)
  }

  /// What the server has done so far.
  public var statistics: ServerStatistics { core.statistics.current }

  /// Listens, and returns where: the configured port, or the one that the system chose for port 0.
  /// A server that was shut down stays so.
  ///
  /// - Throws: `ServerError.cannotBind`.
  public func start() async throws -> ListeningAddress {
    let (host, port) = (core.configuration.host, core.configuration.port)
    let core = core
    let bootstrap = ServerBootstrap(group: loops)
      .serverChannelOption(.backlog, value: 128)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ConnectionHandler(core))
        }
      }
    let channel: any Channel
    do {
      channel = try await bootstrap.bind(host: host, port: port).get()
    } catch {
      throw ServerError.cannotBind(
        address: "\(ListeningAddress(host: host, port: port))", reason: Self.reason(of: error))
    }
    listener.withLock { $0 = channel }
    return ListeningAddress(host: host, port: channel.localAddress?.port ?? port)
  }

  /// Stops listening, lets the requests in flight be answered, closes all connections, and logs the
  /// statistics. Waits no longer than the configuration says; safe to call twice.
  public func shutdown() async {
    let channel = listener.withLock { listener in
      defer { listener = nil }
      return listener
    }
    guard let channel else { return }
    try? await channel.close().get()
    let loop = loops.next()
    let core = core
    let empty = loop.makePromise(of: Void.self)
    let limit = loop.scheduleTask(in: core.configuration.drainTimeout) {
      core.connections.closeAll()
    }
    core.connections.drain(empty)
    try? await empty.futureResult.get()
    limit.cancel()
    await waitForWorkers()
    core.logger.notice("\(statistics)")
  }

  /// A network may still run for a device that has left. A process that exits meanwhile would take
  /// the engine down under it, so give it a moment.
  private func waitForWorkers() async {
    let loop = loops.next()
    let idle = core.bundles.values.map { bundle in
      let promise = loop.makePromise(of: Void.self)
      bundle.worker.whenIdle { promise.succeed() }
      return promise
    }
    let limit = loop.scheduleTask(in: core.configuration.lingerTimeout) {
      for promise in idle { promise.succeed() }
    }
    for promise in idle { try? await promise.futureResult.get() }
    limit.cancel()
  }

  private static func reason(of error: any Error) -> String {
    switch error {
    case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
    case is SocketAddressError, is SocketAddressError.UnknownHost: "there is no such host"
    default: "\(error)"
    }
  }
}

/// Where a server listens.
public struct ListeningAddress: Equatable, Sendable, CustomStringConvertible {
  public let host: String
  public let port: Int

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
