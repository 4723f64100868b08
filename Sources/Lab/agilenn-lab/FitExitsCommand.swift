import ArgumentParser
import BundleFormat
import CommandLineKit
import Datasets
import DeviceKit
import Foundation
import LabKit
import Report

struct FitExitsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit-exits",
    abstract: "Fits the confidence at which a bundle's device exits answer alone.",
    discussion: """
      Runs the bundle's device graph on training images and writes each device exit's temperature \
      and threshold into bundle.json: at and above the threshold, the exit's answers are right as \
      often as --accuracy says. '--policy confident' then asks the server about the other images \
      alone. Nothing is trained; the bundle's digest changes, so device and server must both have \
      the new one.

      Examples:
        agilenn-lab fit-exits Config/models/digits/agilenn --dataset digits
        agilenn-lab fit-exits mine --dataset cifar10 --accuracy 90 --count 5000
      """)

  @Argument(help: ArgumentHelp("The bundle's folder.", valueName: "bundle"))
  var model: String

  @OptionGroup var images: TrainingImageOptions

  @Option(
    help: ArgumentHelp(
      "How often an exit's answers must be right; else as often as bundle.json says that device and "
        + "server together are.", valueName: "percent"))
  var accuracy: Double?

  func validate() throws {
    if let accuracy, !(0...100).contains(accuracy) {
      throw ValidationError("--accuracy is from 0 to 100.")
    }
  }

  func run() async throws {
    try await CommandLineEnd.run("agilenn-lab") {
      let folder = URL(fileURLWithPath: model, isDirectory: true)
      let bundle = try ModelBundle(directory: folder)
      let fit = try ExitFit(
        bundle, images: try images.open(), count: images.count, accuracy: accuracy)
      let progress = RunProgress(total: fit.steps)
      defer { progress.end() }
      let outcomes = try fit.run { progress.add() }
      progress.end()
      var table = TextTable(
        header: ["path", "exit", "temperature", "threshold", "answered alone, %", "right, %"])
      for outcome in outcomes {
        try ModelBundle.setConfidence(
          temperature: outcome.temperature, threshold: outcome.threshold, ofExit: outcome.exit,
          ofPath: outcome.path, directory: folder)
        let path = bundle.manifest.paths[outcome.path]
        table.add([
          path.name, path.exits[outcome.exit].name,
          String(format: "%.3f", outcome.temperature),
          outcome.threshold.map { String(format: "%.4f", $0) } ?? "never",
          String(format: "%.2f", outcome.share), String(format: "%.2f", outcome.accuracy),
        ])
      }
      try StandardOutput.write(table.text)
    }
  }
}
