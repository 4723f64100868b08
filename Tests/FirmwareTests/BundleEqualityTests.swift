import Board
import BundleFormat
import DeviceCore
import FirmwareBench
import Foundation
import MCUKernels
import PlanCompiler
import TestBundles
import Testing

/// The chip and the emulated device do the same, to the bit, on every bundle of the repository.
@Suite(.enabled(if: FirmwareUnderTest.isAvailable, FirmwareUnderTest.skipped))
struct BundleEqualityTests {
  static let imageCount = 50

  @Test func bundlesWereFound() throws {
    let folders = try FileManager.default.subpathsOfDirectory(atPath: Repository.models.path)
      .filter { $0.hasSuffix("bundle.json") }
    #expect(!folders.isEmpty)
    let found = Set(CommittedModels.all.map(\.bundle.directory.path))
    for manifest in folders {
      let folder = Repository.models.appendingPathComponent(manifest)
        .deletingLastPathComponent()
      #expect(found.contains(try ModelBundle(directory: folder).directory.path))
    }
  }

  /// All events of 50 images on the emulated device's board and link: actions, frames and answers.
  @Test(arguments: CommittedModels.all)
  func actionsFramesAndAnswersAreEqual(_ committed: CommittedModels.Model) async throws {
    let bench = try FirmwareUnderTest.bench.get()
    var settings = EmulatedRun.Settings()
    settings.radio = try FirmwareUnderTest.config.radio("wifi-6mbps")
    let run = try await committed.emulated(images: Self.imageCount, settings: settings)
    let result = try #require(try bench.run([run.job]).results.first)
    #expect(result.status == .ok)
    #expect(run.differences(from: result) == [])
    #expect(result.strayWords == 0, "something was written where nothing should be")
    #expect(run.answers.count == Self.imageCount)
    let plan = try HostPlan(run.plan).plan
    if (0..<plan.pathCount).contains(where: { plan.path($0).hasRemote }) {
      let sent = run.events.map(\.sent).filter { !$0.isEmpty }
      #expect(sent.count >= Self.imageCount)
      #expect(Set(sent).count == sent.count, "frames carry their own images")
      #expect(run.answers.allSatisfy { $0.remote >= 0 })
    }
    let classes = Set(run.answers.map(\.label))
    #expect(classes.count > 1 && !classes.contains(-1))
  }

  /// The whole plan at once, and operator by operator.
  @Test(arguments: CommittedModels.all + CommittedModels.schemes)
  func featuresAndLogitsAreEqual(_ committed: CommittedModels.Model) throws {
    let bench = try FirmwareUnderTest.bench.get()
    let model = try committed.compiled()
    let images = try committed.images(5) + model.randomInputs(5, seed: 2)
    let report = try bench.run([
      model.job(inputs: images), model.job(inputs: images, stepwise: true),
    ])
    #expect(report.exitStatus == 0)
    let host = try HostPlan(model.plan.image)
    let expected = try images.map { try host.infer($0) }
    for result in report.results {
      try #require(result.status == .ok)
      #expect(result.strayWords == 0, "something outside the arena was written")
      #expect(result.operatorCount == model.plan.operators.count)
      #expect(result.arena.byteCount == model.plan.arenaSize)
      #expect(result.arenaUsed <= model.plan.arenaSize)
      #expect(result.outputs == expected)
    }
  }
}

extension CommittedModels.Model {
  /// A run of the emulated device on the bundle's first test images.
  func emulated(images count: Int, settings: EmulatedRun.Settings) async throws -> EmulatedRun {
    try await EmulatedRun(
      of: bundle, images: images(count), camera: camera(),
      on: FirmwareUnderTest.board(radio: settings.radio), settings: settings)
  }
}
