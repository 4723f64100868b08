import Board
import BundleFormat
import Datasets
import DeviceCore
import DeviceKit
import Foundation
import LabKit
import RemoteEngine
import TestBundles
import Testing

@Suite(.enabled(if: CommittedBundles.engine != nil, "scripts/setup run"))
struct ExitFitTests {
  private let source = Repository.models
    .appendingPathComponent("digits/agilenn", isDirectory: true)
  private var images: any ImageDataset {
    get throws { try DatasetLocator(root: nil).open(.digits, split: .train) }
  }

  /// What a run of the device alone says of the same images: an exit's answers at and above the
  /// threshold are right as often as was asked, and with the next ones below they would not be.
  @Test func theThresholdIsTheLowestThatIsRightOftenEnough() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.copyItem(at: source, to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let bundle = try ModelBundle(directory: folder)
    let fit = try ExitFit(bundle, images: images, count: 600, accuracy: 99.5)
    var steps = 0
    let outcome = try #require(try fit.run { steps += 1 }.first)
    #expect(steps == 600 && fit.steps == 600)
    #expect(outcome.accuracy >= 99.5 && outcome.share > 10 && outcome.share <= 100)
    let threshold = try #require(outcome.threshold)

    try ModelBundle.setConfidence(
      temperature: outcome.temperature, threshold: threshold, ofExit: 0, ofPath: 0,
      directory: folder)
    let written = try ModelBundle(directory: folder)
    #expect(written.digest != bundle.digest)
    #expect(written.manifest.paths[0].exits[0].threshold == threshold)

    // The device program, with the policy that the threshold is for.
    let config = try ConfigStore.locate()
    var device = DeviceSettings()
    device.policy = .confident
    let settings = DeviceRun.Settings(
      board: try config.board("stm32f746"), kernels: try config.kernels("swift"), device: device)
    let result = try await Evaluation(bundle: written, settings: settings).run(
      ImageSource(images, count: 600, seed: nil), engine: CommittedBundles.engine
    ).outcome
    #expect(result.summary.count(of: .local) == Int((6 * outcome.share).rounded()))
  }

  @Test func aBundleThatSaysNothingOfItsAccuracyNeedsAMeasure() throws {
    let tiny = Repository.models.appendingPathComponent(
      "../../Tests/Fixtures/bundles/tiny", isDirectory: true
    ).standardizedFileURL
    let bundle = try ModelBundle(directory: tiny)
    #expect(throws: LabError.noAccuracy(bundle.directory.path)) {
      try ExitFit(bundle, images: images, count: 1, accuracy: nil)
    }
  }

  @Test func imagesOfOtherClassesAreRefused() throws {
    let copy = try BundleCopy(of: FixtureBundle.tiny.folder) {
      $0["labels"] = (0..<10).map { "class \($0)" }
    }
    let fit = try ExitFit(copy.load(), images: images, count: 1, accuracy: 50)
    #expect(throws: LabError.self) { try fit.run {} }
  }
}
