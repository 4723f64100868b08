import Board
import BundleFormat
import Datasets
import DeviceKit
import Foundation
import Logging
import NIOCore
import Schemes
import ServerKit
import Testing

/// The tiny bundle, a real server for it on a free port, and a device program.
enum Rig {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let folder = root.appendingPathComponent("Tests/Fixtures/bundles/tiny")
  static let config = ConfigStore(root: root.appendingPathComponent("Config"))

  static func bundle() throws -> ModelBundle { try ModelBundle(directory: folder) }

  static func server(
    port: Int = 0, bundle: ModelBundle? = nil, token: [UInt8]? = nil
  ) throws -> OffloadServer {
    var configuration = ServerConfiguration()
    configuration.port = port
    configuration.token = token
    // The tests of a whole module compete for two cores or fewer.
    configuration.helloTimeout = .seconds(120)
    return try OffloadServer(
      configuration: configuration, bundles: [bundle ?? self.bundle()], engine: LinearEngine(),
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
  }

  static func settings(
    radio: String = "wifi-6mbps", time: Timeline.Mode = .virtual,
    serverTime: ServerTime = .pinned(microseconds: 1000)
  ) throws -> DeviceProgram.Settings {
    try DeviceProgram.Settings(
      board: config.board("stm32f746"), kernels: config.kernels("swift"),
      radio: config.radio(radio), time: time, serverTime: serverTime)
  }

  static func program(_ settings: DeviceProgram.Settings? = nil) throws -> DeviceProgram {
    try DeviceProgram(bundle: bundle(), settings: settings ?? self.settings())
  }

  static func images(_ count: Int, seed: UInt64? = nil) throws -> ImageSource {
    let digits = try DatasetLocator(root: URL(fileURLWithPath: "/nonexistent"))
      .open(.digits, split: .test)
    return ImageSource(digits, count: count, seed: seed)
  }

  /// A whole run against a server of its own, with all its receipts.
  static func receipts(
    _ settings: DeviceProgram.Settings, count: Int
  ) async throws -> (receipts: [Receipt], outcome: DeviceProgram.Outcome) {
    let server = try server()
    let address = try await server.start()
    var receipts: [Receipt] = []
    let outcome = try await program(settings).run(
      images(count), server: .init(.init(host: address.host, port: address.port)),
      warn: { Issue.record("\($0)") }, each: { receipts.append($0) })
    await server.shutdown()
    return (receipts, outcome)
  }
}
