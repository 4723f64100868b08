import Board
public import BundleFormat
public import DeviceKit
import Logging
public import RemoteEngine
import ServerKit

/// Devices and a server in one process, over loopback connections: accuracy and mean receipt.
///
/// Several devices keep the cores busy, and the server then runs their requests together. Its time
/// for one request is therefore measured before, on a few images that one device sends one after
/// another, and stands in every receipt.
public struct Evaluation {
  /// What an evaluation came to.
  public struct Result {
    public let outcome: DeviceRun.Outcome
    /// As the run had it; its server time is `measured` where each answer brought its own.
    public let settings: DeviceRun.Settings
  }

  /// How many devices there are where nobody says: enough for the cores of a small machine, and for
  /// batches at the server.
  public static let usualDevices = 8
  /// Images whose requests tell the server's time.
  public static let probes = 32

  private let bundle: ModelBundle
  private let settings: DeviceRun.Settings
  private let devices: Int

  /// - Parameter devices: 1 or more; 1 charges each image what the server measured for it. `nil`:
  ///   ``usualDevices``, but 1 in paced time, in which devices would wait for each other's work.
  public init(bundle: ModelBundle, settings: DeviceRun.Settings, devices: Int? = nil) {
    self.bundle = bundle
    self.settings = settings
    self.devices = max(1, devices ?? (settings.time == .paced ? 1 : Self.usualDevices))
  }

  /// Classifies the images.
  ///
  /// - Parameters:
  ///   - engine: runs the server's network; `nil` evaluates the device alone, which is also done where
  ///     the bundle has no server's half.
  ///   - warn: takes a warning, a line without its end.
  ///   - each: takes each receipt, in the order of the images.
  /// - Throws: what the server's start and the run throw.
  public func run(
    _ images: ImageSource, engine: (any RemoteEngine)?, warn: (String) -> Void = { _ in },
    each: (Receipt) async throws -> Void = { _ in }
  ) async throws -> Result {
    guard let engine, bundle.manifest.hasServerHalf else {
      return try await run(images, server: nil, warn: warn, each: each)
    }
    var configuration = ServerConfiguration()
    configuration.port = 0
    // No device is turned away for there being many of them.
    configuration.maximumConnections = max(configuration.maximumConnections, 2 * devices)
    configuration.queueCapacity = max(configuration.queueCapacity, 2 * devices)
    let server = try OffloadServer(
      configuration: configuration, bundles: [bundle], engine: engine,
      logger: Logger(label: "agilenn-lab", factory: { _ in SwiftLogNoOpLogHandler() }))
    let address = try await server.start()
    let result: Result
    do {
      result = try await run(
        images, server: .init(ServerAddress(host: address.host, port: address.port)), warn: warn,
        each: each)
    } catch {
      await server.shutdown()
      throw error
    }
    await server.shutdown()
    return result
  }

  private func run(
    _ images: ImageSource, server: DeviceRun.Server?, warn: (String) -> Void,
    each: (Receipt) async throws -> Void
  ) async throws -> Result {
    var settings = settings
    // Nothing is charged for a server where there is none.
    if server == nil { settings.serverTime = .measured }
    if devices > 1, settings.serverTime == .measured, let server {
      settings.serverTime = try await serverTime(of: server, images)
    }
    let fleet = DeviceFleet(
      bundle: bundle, settings: settings,
      // Where no probe reached the server, each answer brings its own time, and must not be one of
      // several at once.
      devices: server != nil && settings.serverTime == .measured ? 1 : devices)
    return Result(
      outcome: try await fleet.run(images, server: server, warn: warn, each: each),
      settings: settings)
  }

  /// The server's time for one request: the median over the probes that reached it; `measured` where
  /// none did.
  private func serverTime(
    of server: DeviceRun.Server, _ images: ImageSource
  ) async throws -> ServerTime {
    var times: [Int] = []
    _ = try await DeviceRun(bundle: bundle, settings: settings).run(
      images.prefix(Self.probes), server: server, warn: { _ in },
      each: { receipt in
        guard receipt.prediction.remote != nil else { return }
        times.append(
          receipt.spans.filter { $0.lane == .server }.map(\.microseconds).reduce(0, +))
      })
    guard !times.isEmpty else { return .measured }
    return .pinned(microseconds: times.sorted()[times.count / 2])
  }
}
