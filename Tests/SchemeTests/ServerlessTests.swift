import BundleFormat
import DeviceKit
import DeviceSchemes
import Logging
import ServerKit
import TestBundles
import Testing

/// Where there is no server, from the start or on the way.
struct ServerlessTests {
  private static let hasEngine = SchemeRun.engine != nil
  private static let noEngine: Comment = "ONNX Runtime is not installed: scripts/setup run"

  /// MCUNet asks for none: an address that nobody listens at makes no difference.
  @Test func mcunetNeedsNone() async throws {
    let offline = try await SchemeRun(withoutServer: .mcunet)
    let path = try SchemePath(.mcunet, "local")
    #expect(offline.receipts.map(\.answer) == path.pictures.map(\.answer.label))
    #expect(offline.receipts.allSatisfy { $0.source == .local && $0.bytes.up == 0 })
    let alone = try await SchemeRun(
      withoutServer: .mcunet, address: ServerAddress(host: "127.0.0.1", port: 1))
    #expect(alone.receipts == offline.receipts)
    #expect(!alone.outcome.serverFailed && alone.warnings.isEmpty)
  }

  @Test(.enabled(if: hasEngine, noEngine))
  func nothingOfMCUNetIsServed() throws {
    let error = #expect(throws: ServerError.self) {
      try OffloadServer(
        bundles: [FixtureBundle.mcunet.load()], engine: #require(SchemeRun.engine),
        logger: .init(label: "test"))
    }
    #expect(error == .nothingToServe)
  }

  /// Schemes without an answer of the device's own do not begin without a server.
  @Test(arguments: [FixtureBundle.edgeOnly, .deepcod])
  func noAnswerToBeginWith(_ bundle: FixtureBundle) async throws {
    let error = await #expect(throws: DeviceError.self) {
      try await SchemeRun(withoutServer: bundle)
    }
    #expect(error == .noLocalAnswer && error?.exitStatus == 65)
  }

  /// When the server leaves, their images have no answer, and count as missed.
  @Test(.enabled(if: hasEngine, noEngine), arguments: ["edge-only/remote", "deepcod/offload"])
  func noAnswerOnTheWay(_ name: String) async throws {
    let path = try #require(SchemePath.all.first { $0.testDescription == name })
    let run = try await SchemeRun(path.bundle, leavingAfter: 4)
    #expect(run.outcome.serverFailed && run.warnings.count == 1)
    #expect(run.receipts.count == path.pictures.count)
    #expect(run.receipts.prefix(4).map(\.answer) == path.pictures.prefix(4).map(\.answer.label))
    for receipt in run.receipts.dropFirst(4) {
      #expect(receipt.source == .none && receipt.answer == nil)
      #expect(receipt.prediction == .init())
    }
    #expect(run.outcome.summary.count(of: .none) == path.pictures.count - 4)
    #expect(run.outcome.summary.missed == path.pictures.count - 4)
  }

  /// SPINN falls back on the last cut's exits: the first that is sure, or the last.
  @Test func spinnAlone() async throws {
    let path = try SchemePath(.spinn, "deep")
    let run = try await SchemeRun(withoutServer: .spinn)
    #expect(run.receipts.allSatisfy { $0.source == .local && $0.bytes.up == 0 })
    #expect(run.receipts.map(\.answer) == path.pictures.map { path.exit($0)?.label })
    #expect(run.outcome.summary.missed == 0)
  }

  /// Also from the image on that the server leaves at, which may have chosen another cut.
  @Test(.enabled(if: hasEngine, noEngine), arguments: ["shallow", "deep"])
  func spinnLeftAlone(_ name: String) async throws {
    let path = try SchemePath(.spinn, name)
    let run = try await SchemeRun(.spinn, path: name, leavingAfter: 4)
    #expect(run.outcome.serverFailed)
    #expect(run.receipts.prefix(4).map(\.answer) == path.pictures.prefix(4).map(\.answer.label))
    #expect(
      run.receipts.dropFirst(4).map(\.answer)
        == path.pictures.dropFirst(4).map { path.exit($0)?.label })
    #expect(run.receipts.dropFirst(4).allSatisfy { $0.source == .local })
    #expect(run.outcome.summary.missed == 0)
  }

  @Test func aPathThatIsNotThere() async throws {
    let error = await #expect(throws: DeviceError.self) {
      try await SchemeRun(withoutServer: .spinn, path: "deeper")
    }
    #expect(error == .noPath(paths: ["whole", "shallow", "deep"]))
    // A path without an exit of the device's needs a server.
    let whole = await #expect(throws: DeviceError.self) {
      try await SchemeRun(withoutServer: .spinn, path: "whole")
    }
    #expect(whole == .noLocalAnswer)
  }
}
