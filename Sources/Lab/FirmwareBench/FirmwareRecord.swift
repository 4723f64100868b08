import BundleFormat
import Foundation

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
    bundles: URL, models: [FirmwareModel] = [], on bench: FirmwareBench
  ) throws {
    let bundles = try Self.models(ofBundlesIn: bundles)
    let jobs = try bundles.map { model in
      model.job(inputs: [try model.digits(1)[0]], stepwise: true)
    }
    let counted = try bench.run(jobs, counting: true)
    // Whole runs, as the device has them: their stack is deeper than single operators'.
    let whole = try bench.run(
      jobs.map { job in
        var job = job
        job.stepwise = false
        return job
      } + models.map { $0.job(inputs: $0.randomInputs(1, seed: 1)) })
    let results = counted.results + whole.results
    figures = try FirmwareFigures(of: bench, stackUsed: results.map(\.stackUsed).max() ?? 0)
    var counts = CountTable(compiler: figures.compiler)
    for (model, phases) in zip(bundles, counted.counts) { counts.add(model, phases) }
    self.counts = counts
  }

  /// The device graphs of all bundles in a folder and below.
  ///
  /// - Throws: what reading and compiling throw.
  public static func models(ofBundlesIn folder: URL) throws -> [FirmwareModel] {
    try ModelBundle.discover(in: folder).flatMap { bundle in
      try FirmwareModel.devicePaths(of: bundle).map { try FirmwareModel(bundle, path: $0) }
    }
  }
}
