import BundleFormat
import FirmwareBench
import Foundation
import PlanCompiler
import Testing

/// The chip and the emulator compute the same, to the bit, on every bundle of the repository.
@Suite(.enabled(if: FirmwareUnderTest.isAvailable, FirmwareUnderTest.skipped))
struct BundleEqualityTests {
  static let imageCount = 50

  @Test func bundlesWereFound() throws {
    let folders = try FileManager.default.subpathsOfDirectory(atPath: CommittedModels.folder.path)
      .filter { $0.hasSuffix("bundle.json") }
    #expect(!folders.isEmpty)
    let found = Set(CommittedModels.all.map(\.bundle.directory.path))
    for manifest in folders {
      let folder = CommittedModels.folder.appendingPathComponent(manifest)
        .deletingLastPathComponent()
      let bundle = try ModelBundle(directory: folder)
      let hasDevice = bundle.manifest.paths.contains { $0.device != nil }
      #expect(found.contains(bundle.directory.path) == hasDevice)
    }
  }

  @Test(arguments: CommittedModels.all)
  func featuresLogitsSymbolsAndFramesAreEqual(_ committed: CommittedModels.Model) throws {
    let bench = try FirmwareUnderTest.bench.get()
    let model = try committed.compiled()
    let images = try committed.images(Self.imageCount) + model.randomInputs(5, seed: 2)
    var whole = model.job(inputs: images)
    whole.firstIdentifier = 4_000_000_000
    var stepwise = whole
    stepwise.stepwise = true
    let report = try bench.run([whole, stepwise])
    #expect(report.exitStatus == 0)

    let device = try EmulatedDevice(model.plan)
    let sendsFeatures = model.plan.outputs.contains { $0.name == "features" }
    for result in report.results {
      try #require(result.status == .ok)
      #expect(result.strayWords == 0, "something outside the arena was written")
      #expect(result.operatorCount == model.plan.operators.count)
      #expect(result.arena.byteCount == model.plan.arenaSize)
      #expect(result.arenaUsed <= model.plan.arenaSize)
      try #require(result.inferences.count == images.count)
      for (number, image) in images.enumerated() {
        let expected = try device.infer(
          image, identifier: 4_000_000_000 + UInt32(number), path: model.path)
        #expect(result.inferences[number].difference(from: expected) == nil, "image \(number)")
      }
      let frames = result.inferences.map(\.frame)
      #expect(frames.allSatisfy { $0.isEmpty != sendsFeatures })
      #expect(result.inferences.allSatisfy { $0.symbols.isEmpty != sendsFeatures })
      if sendsFeatures {
        #expect(Set(frames).count == images.count, "frames carry their own images")
      }
    }
  }
}
