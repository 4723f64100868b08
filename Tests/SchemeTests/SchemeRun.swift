import Board
import BundleFormat
import DeviceCore
import DeviceKit
import Foundation
import Logging
import RemoteEngine
import ServerKit
import TestBundles
import Testing

/// Device and server in one process, over TCP, with ONNX Runtime, on the pictures that the oracles know.
struct SchemeRun {
  static let engine = try? ONNXRuntime(library: nil)
  static let config = ConfigStore(root: Repository.config)

  /// A picture's receipt, and what the server ran until it was there.
  struct Shown {
    let receipt: Receipt
    let ran: [RecordingEngine.Run]
  }

  let shown: [Shown]
  let outcome: DeviceRun.Outcome
  let warnings: [String]

  var receipts: [Receipt] { shown.map(\.receipt) }

  /// - Parameters:
  ///   - path: the name of the path to take; nil leaves it to the scheme.
  ///   - serverTime: of every answer, in microseconds.
  ///   - leavingAfter: how many pictures the server stays for; nil for all.
  init(
    _ fixture: FixtureBundle, path: String? = nil, radio: String = "wifi-6mbps",
    serverTime: Int = 900, leavingAfter: Int? = nil,
    _ change: (inout DeviceSettings) -> Void = { _ in }
  ) async throws {
    try await self.init(
      fixture.load(), path: path, radio: radio, serverTime: serverTime, leavingAfter: leavingAfter,
      change)
  }

  /// Of any bundle for these pictures.
  init(
    _ bundle: ModelBundle, path: String? = nil, radio: String = "wifi-6mbps",
    serverTime: Int = 900, leavingAfter: Int? = nil,
    _ change: (inout DeviceSettings) -> Void = { _ in }
  ) async throws {
    let engine = RecordingEngine(try #require(Self.engine))
    var configuration = ServerConfiguration()
    configuration.port = 0
    let server = try OffloadServer(
      configuration: configuration, bundles: [bundle], engine: engine,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    let address = try await server.start()
    // The server tries its networks before anybody asks.
    _ = engine.drain()
    var shown: [Shown] = []
    var warnings: [String] = []
    do {
      outcome = try await DeviceRun(
        bundle: bundle,
        settings: Self.settings(
          bundle, path: path, radio: radio, serverTime: serverTime, change)
      ).run(
        Self.pictures(), server: .init(.init(host: address.host, port: address.port)),
        warn: { warnings.append($0) },
        each: { receipt in
          shown.append(Shown(receipt: receipt, ran: engine.drain()))
          if shown.count == leavingAfter { await server.shutdown() }
        })
    } catch {
      await server.shutdown()
      throw error
    }
    await server.shutdown()
    self.shown = shown
    self.warnings = warnings
  }

  /// With no server, or one that nobody listens at.
  init(
    withoutServer fixture: FixtureBundle, path: String? = nil, address: ServerAddress? = nil,
    _ change: (inout DeviceSettings) -> Void = { _ in }
  ) async throws {
    let bundle = try fixture.load()
    var shown: [Shown] = []
    var warnings: [String] = []
    outcome = try await DeviceRun(
      bundle: bundle, settings: Self.settings(bundle, path: path, change)
    ).run(
      Self.pictures(), server: address.map { .init($0) }, warn: { warnings.append($0) },
      each: { shown.append(Shown(receipt: $0, ran: [])) })
    self.shown = shown
    self.warnings = warnings
  }

  private static func pictures() throws -> ImageSource {
    try ImageSource(files: Repository.pictures, count: nil, seed: nil)
  }

  private static func settings(
    _ bundle: ModelBundle, path: String?, radio: String = "wifi-6mbps", serverTime: Int = 900,
    _ change: (inout DeviceSettings) -> Void
  ) throws -> DeviceRun.Settings {
    var device = DeviceSettings()
    let paths = bundle.manifest.paths
    device.path = path.map { name in paths.firstIndex { $0.name == name } ?? paths.count }
    change(&device)
    return try DeviceRun.Settings(
      board: config.board("stm32f746"), kernels: config.kernels("swift"),
      radio: config.radio(radio), serverTime: .pinned(microseconds: serverTime), device: device)
  }
}
