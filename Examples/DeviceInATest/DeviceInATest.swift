import Board
import BundleFormat
import Datasets
import DeviceKit
import Foundation
import Logging
import RemoteEngine
import ServerKit
import Testing

/// A device in a test, with a server in the same process.
///
/// Copy this file to test a program of yours that stands on a device and a server.
@Suite struct DeviceInATest {
  @Test func serverIsAsked() async throws {
    let bundle = try ModelBundle(
      directory: URL(
        fileURLWithPath: "Config/models/digits/agilenn", isDirectory: true,
        relativeTo: root))
    let config = ConfigStore(root: root.appendingPathComponent("Config", isDirectory: true))

    // Port 0 takes any free port, so that tests can run side by side.
    var configuration = ServerConfiguration()
    configuration.port = 0
    let server = try OffloadServer(
      configuration: configuration, bundles: [bundle], engine: SureEngine(answer: 7),
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    let address = try await server.start()

    // The digits are drawn in memory. A pinned server time makes every run give the same times.
    let digits = try DatasetLocator().open(.digits, split: .test)
    let run = try DeviceRun(
      bundle: bundle,
      settings: .init(
        board: config.board("stm32f746"), kernels: config.kernels("swift"),
        radio: config.radio("wifi-6mbps"), serverTime: .pinned(microseconds: 900)))
    var receipts: [Receipt] = []
    _ = try await run.run(
      ImageSource(digits, count: 3, seed: nil),
      server: .init(.init(host: address.host, port: address.port)),
      warn: { Issue.record("\($0)") }, each: { receipts.append($0) })
    await server.shutdown()

    #expect(receipts.map(\.source) == [.combined, .combined, .combined])
    #expect(receipts.map(\.prediction.remote) == [7, 7, 7])
    #expect(server.statistics.predictions == 3)
  }

  /// The package's folder, which holds the bundles and `Config`.
  private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

/// Runs no network: the server answers one class, whatever it receives. The test needs no library
/// for that, and it knows what the answer must be.
struct SureEngine: RemoteEngine {
  let answer: Int

  func load(modelAt url: URL) throws -> any RemoteNetwork { SureNetwork(answer: answer) }
}

struct SureNetwork: RemoteNetwork {
  let answer: Int
  // The bundle's own network has these tensors. -1 is the batch, of any size.
  let inputs = [TensorDescription(name: "features", shape: [-1, 19, 16, 16], element: .float32)]
  let outputs = [TensorDescription(name: "logits", shape: [-1, 10], element: .float32)]

  func run(
    _ inputs: [String: [Float]], batch: Int, outputs: [String]
  ) throws -> [String: [Float]] {
    let logits: [Float] = (0..<10).map { $0 == answer ? 1 : 0 }
    return ["logits": Array(repeating: logits, count: batch).flatMap { $0 }]
  }
}
