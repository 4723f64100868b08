public import BundleFormat
public import DeviceKit
import Logging
public import RemoteEngine
import ServerKit

/// Device and server in one process, over a loopback connection: accuracy and mean receipt.
public struct Evaluation {
  private let bundle: ModelBundle
  private let run: DeviceRun

  public init(bundle: ModelBundle, settings: DeviceRun.Settings) {
    self.bundle = bundle
    run = DeviceRun(bundle: bundle, settings: settings)
  }

  /// Classifies the images.
  ///
  /// - Parameters:
  ///   - engine: runs the server's network; `nil` evaluates the device alone, which is also done where
  ///     the bundle has no server's half.
  ///   - warn: takes a warning, a line without its end.
  ///   - each: takes each receipt as it is there.
  /// - Throws: what the server's start and the run throw.
  public func run(
    _ images: ImageSource, engine: (any RemoteEngine)?, warn: (String) -> Void = { _ in },
    each: (Receipt) async throws -> Void = { _ in }
  ) async throws -> DeviceRun.Outcome {
    guard let engine, bundle.manifest.hasServerHalf else {
      return try await run.run(images, server: nil, warn: warn, each: each)
    }
    var configuration = ServerConfiguration()
    configuration.port = 0
    let server = try OffloadServer(
      configuration: configuration, bundles: [bundle], engine: engine,
      logger: Logger(label: "agilenn-lab", factory: { _ in SwiftLogNoOpLogHandler() }))
    let address = try await server.start()
    let outcome: DeviceRun.Outcome
    do {
      outcome = try await run.run(
        images, server: .init(ServerAddress(host: address.host, port: address.port)), warn: warn,
        each: each)
    } catch {
      await server.shutdown()
      throw error
    }
    await server.shutdown()
    return outcome
  }
}
