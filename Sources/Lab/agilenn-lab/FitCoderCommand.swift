import ArgumentParser
import BundleFormat
import CommandLineKit
import Datasets
import DeviceKit
import Foundation
import LabKit

struct FitCoderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit-coder",
    abstract: "Fits a bundle's range coder to the symbols of training images.",
    discussion: """
      Runs the bundle's device graph on training images, counts which symbols follow which, \
      writes the coder's tables beside bundle.json, and makes the range coder the bundle's. \
      Nothing is trained, and the symbols stay as they are; the bundle's digest changes, so \
      device and server must both have the new one.

      Examples:
        agilenn-lab fit-coder Config/models/digits/agilenn --dataset digits
        agilenn-lab fit-coder mine --dataset cifar10 --count 5000
        agilenn-lab fit-coder mine --dataset cifar10 --least-saving 0.05
      """)

  @Argument(help: ArgumentHelp("The bundle's folder.", valueName: "bundle"))
  var model: String

  @OptionGroup var images: TrainingImageOptions

  @Option(
    help: ArgumentHelp(
      """
      What an earlier channel's symbol must save of each symbol to be part of its context; less \
      makes the payload smaller and the device slower. (default: 0.01)
      """, valueName: "bits"))
  var leastSaving: Double?

  func validate() throws {
    if let leastSaving, !(0...16 ~= leastSaving) {
      throw ValidationError("--least-saving: 0 to 16 bits")
    }
  }

  func run() async throws {
    try await CommandLineEnd.run("agilenn-lab") {
      let folder = URL(fileURLWithPath: model, isDirectory: true)
      let bundle = try ModelBundle(directory: folder)
      let fit = CoderFit(
        bundle, images: try images.open(), count: images.count, leastSaving: leastSaving)
      let progress = RunProgress(total: fit.steps)
      defer { progress.end() }
      let tables = try fit.run { progress.add() }
      progress.end()
      for (path, content) in tables.sorted(by: { $0.key < $1.key }) {
        try ModelBundle.setCoderTables(content, ofPath: path, directory: folder)
        let name = bundle.manifest.paths[path].name
        try StandardOutput.write("path '\(name)': \(content.count) bytes of tables\n")
      }
    }
  }
}
