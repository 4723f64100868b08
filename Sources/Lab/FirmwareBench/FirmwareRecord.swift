import BundleFormat
import DeviceCore
public import Foundation
import PlanCompiler

/// The measured figures that the repository keeps: sizes, stack, instructions.
public struct FirmwareRecord {
  public let figures: FirmwareFigures
  public let counts: CountTable

  /// Where a repository keeps them.
  public static let figuresPath = "Config/firmware.yaml"
  public static let countsPath = "Tests/FirmwareTests/instructions.txt"

  /// Measures every bundle below a folder, on one image each.
  ///
  /// - Parameters:
  ///   - models: besides, models whose stack counts.
  /// - Throws: ``BenchError``; what reading and compiling throw.
  public init(
    bundles: URL, models: [FirmwareModel] = [], on bench: ChipBench
  ) throws {
    let bundles = try Self.models(ofBundlesIn: bundles)
    let images = try bundles.map { try $0.digits(1) }
    let counted = try bench.run(
      zip(bundles, images).map { model, images in
        var job = model.job(inputs: images, stepwise: true)
        job.events = try model.exchange(images).map(BenchEvent.init)
        return job
      }, counting: true)
    // Whole runs, as the device has them: their stack is deeper than single operators'.
    let whole = try bench.run(
      zip(bundles, images).flatMap { model, images in
        try Self.settings.map { settings in
          BenchJob(
            plan: model.plan.image, settings: settings,
            replaying: try model.exchange(images, settings: settings))
        }
      } + models.map { $0.job(inputs: $0.randomInputs(1, seed: 1)) })
    let results = counted.results + whole.results
    figures = try FirmwareFigures(of: bench, stackUsed: results.map(\.stackUsed).max() ?? 0)
    var counts = CountTable(compiler: figures.compiler)
    for (model, phases) in zip(bundles, counted.counts) { counts.add(model, phases) }
    self.counts = counts
  }

  /// What a user may decide: each has its own way through the program, and so its own stack.
  private static var settings: [DeviceSettings] {
    var hurried = DeviceSettings()
    hurried.deadline = 8000
    hurried.bytesPerSecond = 200_000
    var thrifty = DeviceSettings()
    thrifty.budget = 200
    var confident = DeviceSettings()
    confident.policy = .confident
    confident.overlaps = false
    return [DeviceSettings(), hurried, thrifty, confident]
  }

  /// The plans of all bundles in a folder and below.
  ///
  /// - Throws: what reading and compiling throw.
  public static func models(ofBundlesIn folder: URL) throws -> [FirmwareModel] {
    try ModelBundle.discover(in: folder).map { try FirmwareModel($0) }
  }
}
