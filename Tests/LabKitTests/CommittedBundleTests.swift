import Board
import BundleFormat
import Datasets
import DeviceKit
import Foundation
import LabKit
import RemoteEngine
import TestBundles
import Testing

/// What the tests of the committed bundles stand on.
enum CommittedBundles {
  static let engine = try? ONNXRuntime(library: nil)
  static let dataRoot = ProcessInfo.processInfo.environment["AGILENN_DATA"]
    .map { URL(fileURLWithPath: $0, isDirectory: true) }
  static let all = (try? ModelBundle.discover(in: Repository.models)) ?? []
  static let names = all.map(name)
  /// Those whose images are at hand: Digits always, the others where `$AGILENN_DATA` has them.
  static let runnable = all.filter { isAtHand($0.manifest.dataset) }.map(name)

  /// The bundle's folder below `Config/models`.
  private static func name(_ bundle: ModelBundle) -> String {
    bundle.directory.pathComponents.suffix(2).joined(separator: "/")
  }

  private static func isAtHand(_ dataset: String) -> Bool {
    guard let name = DatasetName(rawValue: dataset) else { return false }
    guard name == .digits || dataRoot != nil else { return false }
    return (try? DatasetLocator(root: dataRoot).open(name, split: .test)) != nil
  }
}

/// The bundles in `Config/models`, over the whole of their test sets, through device and server.
@Suite(.serialized, .enabled(if: CommittedBundles.engine != nil, "scripts/setup run"))
struct CommittedBundleTests {
  /// Percent that a bundle of the repository must reach: combined, and its local half alone.
  static let floors = [
    "digits/agilenn": (98.0, 70.0), "cifar10/agilenn": (92.0, 60.0),
    "cifar10/agilenn-split": (91.0, 50.0),
    "cifar100/agilenn": (73.0, 35.0), "tinyimagenet/agilenn": (67.0, 22.0),
    "cifar10/agilenn-paper": (87.5, 20.0), "cifar100/agilenn-paper": (64.1, 3.0),
  ]

  /// The same of those whose only answer is the server's.
  static let remoteFloors = [
    "digits/edge-only": 98.0, "cifar10/edge-only": 92.0, "cifar100/edge-only": 73.0,
    "tinyimagenet/edge-only": 66.0,
  ]

  @Test func bundlesOfTheRepositoryAreThere() {
    #expect(Set(Self.floors.keys).isSubset(of: CommittedBundles.names))
    #expect(Set(Self.remoteFloors.keys).isSubset(of: CommittedBundles.names))
  }

  @Test(arguments: CommittedBundles.runnable)
  func accuracyIsWhatTheManifestStates(_ name: String) async throws {
    let bundle = try ModelBundle(
      directory: Repository.models.appendingPathComponent(name, isDirectory: true))
    let dataset = try DatasetLocator(root: CommittedBundles.dataRoot).open(
      #require(DatasetName(rawValue: bundle.manifest.dataset)), split: .test)
    let config = try ConfigStore.locate()
    let settings = DeviceRun.Settings(
      board: try config.board("stm32f746"), kernels: try config.kernels("swift"),
      radio: try config.radio("wifi-6mbps"))
    let outcome = try await Evaluation(bundle: bundle, settings: settings).run(
      ImageSource(dataset, count: nil, seed: nil), engine: CommittedBundles.engine
    ).outcome
    #expect(!outcome.serverFailed)
    #expect(outcome.summary.images == dataset.count)

    let stated = try #require(bundle.manifest.trained?.accuracy?["int8"])
    let measured = [
      "combined": outcome.summary.combined.accuracy, "local": outcome.summary.local.accuracy,
      "remote": outcome.summary.remote.accuracy,
    ]
    // A scheme has the answers that it has: edge-only that of the server alone.
    #expect(Set(stated.keys) == Set(measured.filter { $0.value != nil }.keys))
    for (answer, figure) in stated {
      let accuracy = try #require(measured[answer] ?? nil)
      #expect(abs(accuracy - figure) <= 0.3, "\(answer)")
    }
    if let remote = Self.remoteFloors[name] {
      #expect(try #require(outcome.summary.remote.accuracy) >= remote)
    }
    if let (combined, local) = Self.floors[name] {
      #expect(try #require(outcome.summary.combined.accuracy) >= combined)
      #expect(try #require(outcome.summary.local.accuracy) >= local)
    }
  }
}
