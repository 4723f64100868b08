public import ArgumentParser
public import Datasets
import Foundation

/// The images to classify, as `agilenn-device` and `agilenn-lab evaluate` take them.
public struct ImageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The data set whose test images are taken.", valueName: "name"))
  public var dataset: DatasetName?

  @Option(
    help: ArgumentHelp(
      "The folder of the data sets; else $AGILENN_DATA, else ~/.cache/agilenn/datasets.",
      valueName: "dir"))
  public var data: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("PNG or JPEG files instead of a data set.", valueName: "file"))
  public var images: [String] = []

  @Option(help: ArgumentHelp("How many images; else all.", valueName: "n"))
  public var count: Int?

  @Option(
    help: ArgumentHelp(
      "Take the images in an order shuffled by this seed, which also decides the radio's chances; "
        + "else in their own order.", valueName: "n"))
  public var seed: UInt64?

  public init() {}

  public func validate() throws {
    if (dataset == nil) == images.isEmpty {
      throw ValidationError("Give either --dataset <name> or --images <file> ...")
    }
    if let count, count < 1 {
      throw ValidationError("--count must be at least 1.")
    }
    if data != nil && dataset == nil {
      throw ValidationError("--data goes with --dataset.")
    }
  }

  /// - Throws: `DatasetError` where the set is not there or is damaged, or a file is missing.
  public func open() throws -> ImageSource {
    guard let dataset else {
      return try ImageSource(
        files: images.map { URL(fileURLWithPath: $0) }, count: count, seed: seed)
    }
    let locator = DatasetLocator(root: data.map { URL(fileURLWithPath: $0, isDirectory: true) })
    return ImageSource(try locator.open(dataset, split: .test), count: count, seed: seed)
  }
}

extension DatasetName: ExpressibleByArgument {}
