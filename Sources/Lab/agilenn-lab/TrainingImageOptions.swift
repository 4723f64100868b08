import ArgumentParser
import Datasets
import Foundation

/// Which training images something is learned from.
struct TrainingImageOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The data set whose training images are taken.", valueName: "name"))
  var dataset: DatasetName

  @Option(
    help: ArgumentHelp(
      "The folder of the data sets; else $AGILENN_DATA, else ~/.cache/agilenn/datasets.",
      valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("How many images; else 10000, or all there are.", valueName: "n"))
  var count = 10_000

  func validate() throws {
    if count < 1 { throw ValidationError("--count must be at least 1.") }
  }

  /// - Throws: `DatasetError`.
  func open() throws -> any ImageDataset {
    try DatasetLocator(root: data.map { URL(fileURLWithPath: $0, isDirectory: true) })
      .open(dataset, split: .train)
  }
}
