import Board
import BundleFormat
import Datasets
import DeviceCore
import DeviceSchemes
import Foundation
import Logging
import NIOCore
import SeededRandom
import ServerKit
import TestBundles
import Testing

@testable import DeviceKit

/// The tiny bundle, a real server for it on a free port, and a device.
enum Rig {
  static let config = ConfigStore(root: Repository.config)

  static func bundle() throws -> ModelBundle { try FixtureBundle.tiny.load() }

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
    serverTime: ServerTime = .pinned(microseconds: 1000), device: DeviceSettings = DeviceSettings()
  ) throws -> DeviceRun.Settings {
    try DeviceRun.Settings(
      board: config.board("stm32f746"), kernels: config.kernels("swift"),
      radio: config.radio(radio), time: time, serverTime: serverTime, device: device)
  }

  /// The device on its board, with a server that the test makes up.
  static func device(
    _ settings: DeviceSettings = DeviceSettings(), bundle: ModelBundle? = nil,
    radio: String = "wifi-6mbps", serverTime: ServerTime = .measured,
    clock: some Clock<Duration> = ContinuousClock()
  ) throws -> EmulatedDevice {
    let radio = try config.radio(radio)
    let board = try Board(
      profile: config.board("stm32f746"), preset: config.kernels("swift"), radio: radio)
    return EmulatedDevice(
      try PlacedDevice(
        bundle ?? self.bundle(), camera: (32, 32), on: board, settings: settings),
      radio: radio, timeline: Timeline(.virtual, clock: clock), serverTime: serverTime, seed: 1)
  }

  /// A picture of noise.
  static func picture(_ index: Int, width: Int = 32, height: Int = 32) -> LabelledImage {
    var generator = SplitMix64(seed: UInt64(index) + 77)
    return LabelledImage(
      index: index,
      pixels: (0..<(width * height * 3)).map { _ in UInt8.random(in: 0...255, using: &generator) },
      width: width, height: height, label: index % 10, name: "noise/\(index)")
  }

  static func run(_ settings: DeviceRun.Settings? = nil) throws -> DeviceRun {
    try DeviceRun(bundle: bundle(), settings: settings ?? self.settings())
  }

  static func images(_ count: Int, seed: UInt64? = nil) throws -> ImageSource {
    let digits = try DatasetLocator(root: URL(fileURLWithPath: "/nonexistent"))
      .open(.digits, split: .test)
    return ImageSource(digits, count: count, seed: seed)
  }

  /// A whole run against a server of its own, with all its receipts.
  static func receipts(
    _ settings: DeviceRun.Settings, count: Int
  ) async throws -> (receipts: [Receipt], outcome: DeviceRun.Outcome) {
    let server = try server()
    let address = try await server.start()
    var receipts: [Receipt] = []
    let outcome = try await run(settings).run(
      images(count), server: .init(.init(host: address.host, port: address.port)),
      warn: { Issue.record("\($0)") }, each: { receipts.append($0) })
    await server.shutdown()
    return (receipts, outcome)
  }
}
