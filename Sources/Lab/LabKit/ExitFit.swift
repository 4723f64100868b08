public import BundleFormat
public import Datasets
import DeviceCore
import Foundation
import MCUKernels
import PlanCompiler

/// How sure a bundle's device exits must be to answer alone, learned from training images.
///
/// Nothing is trained: the device graph runs as it is. An exit's temperature makes its confidence the
/// share of right answers that it stands for (Guo and others, ICML 2017, section 4.2); its threshold is
/// the lowest confidence at and above which its answers are right as often as is asked.
public struct ExitFit {
  /// What was found for one device exit.
  public struct Outcome: Equatable, Sendable {
    /// Positions in the manifest.
    public let path: Int
    public let exit: Int
    /// Above 0.
    public let temperature: Float
    /// Nil where no confidence makes its answers right often enough.
    public let threshold: Float?
    /// Percent of the images that it would answer alone.
    public let share: Double
    /// Percent of these that are right; 0 for none.
    public let accuracy: Double
  }

  private let bundle: ModelBundle
  private let images: any ImageDataset
  private let count: Int
  private let target: Double

  /// - Parameters:
  ///   - images: of the training split.
  ///   - count: how many of them; nil for all.
  ///   - accuracy: percent that the answers of an exit alone are to be right; nil for what the manifest
  ///     says of device and server together.
  /// - Throws: ``LabError/noAccuracy(_:)`` where neither says.
  public init(
    _ bundle: ModelBundle, images: any ImageDataset, count: Int?, accuracy: Double?
  ) throws(LabError) {
    self.bundle = bundle
    self.images = images
    self.count = min(count ?? images.count, images.count)
    guard let target = accuracy ?? bundle.manifest.trained?.accuracy?["int8"]?["combined"] else {
      throw .noAccuracy(bundle.directory.path)
    }
    self.target = target
  }

  /// How often ``run(_:)`` calls for progress.
  public var steps: Int { count * exits.count }

  /// Path and position of each device exit.
  private var exits: [(path: Int, exit: Int)] {
    bundle.manifest.paths.enumerated().flatMap { number, path in
      path.exits.indices.filter { path.exits[$0].place == .device }.map { (number, $0) }
    }
  }

  /// Fits each device exit of each path.
  ///
  /// - Parameter progress: called after each image.
  /// - Throws: ``LabError/noDeviceExit(_:)``, ``LabError/noLabel(_:)``; what compiling and the images
  ///   throw.
  public func run(_ progress: () -> Void) throws -> [Outcome] {
    guard !exits.isEmpty, count > 0 else { throw LabError.noDeviceExit(bundle.directory.path) }
    let device = try DeviceHalf(bundle, for: images)
    return try exits.map { path, exit in
      let record = device.plan.path(path).exit(exit)
      guard let tensor = record.tensor else {
        preconditionFailure("the plan has the manifest's exits")
      }
      var samples: [ExitSample] = []
      for index in 0..<count {
        let picture = try images.image(at: index)
        guard let label = picture.label else { throw LabError.noLabel(picture.name) }
        try device.run(record.blocks, on: picture)
        samples.append(
          ExitSample(logits: device.bytes(of: tensor).map { Int8(bitPattern: $0) }, label: label))
        progress()
      }
      let temperature = ExitSample.temperature(of: samples, scale: tensor.scale)
      return outcome(
        samples, table: ConfidenceTable.numbers(scale: tensor.scale, temperature: temperature),
        temperature: temperature, path: path, exit: exit)
    }
  }

  private func outcome(
    _ samples: [ExitSample], table: [Float], temperature: Float, path: Int, exit: Int
  ) -> Outcome {
    let sorted = samples.map { ($0.confidence(by: table), $0.isRight) }.sorted { $0.0 > $1.0 }
    var right = 0
    var best = (threshold: Float?.none, count: 0, right: 0)
    for (index, (confidence, isRight)) in sorted.enumerated() {
      right += isRight ? 1 : 0
      // Equally sure answers stand or fall together.
      let isLast = index + 1 == sorted.count || sorted[index + 1].0 < confidence
      if isLast, Double(right) * 100 >= target * Double(index + 1) {
        best = (confidence, index + 1, right)
      }
    }
    return Outcome(
      path: path, exit: exit, temperature: temperature, threshold: best.threshold,
      share: 100 * Double(best.count) / Double(sorted.count),
      accuracy: best.count > 0 ? 100 * Double(best.right) / Double(best.count) : 0)
  }
}
