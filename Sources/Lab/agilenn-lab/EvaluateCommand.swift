import ArgumentParser
import Board
import BundleFormat
import CommandLineKit
import DeviceKit
import Foundation
import LabKit
import RemoteEngine
import Report

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures a bundle: accuracy and mean receipt, devices and server in one process.",
    discussion: """
      The features really go over TCP, to a server on a free port of this machine. Several
      emulated devices share the images. Unless --server-time says it, the server's time for
      one request is measured first, on a few images, and then stands in every receipt.
      With --devices 1 each receipt has the time that the server took for its image.

      Examples:
        agilenn-lab evaluate Config/models/digits/agilenn --dataset digits
        agilenn-lab evaluate Config/models/cifar10/agilenn --dataset cifar10 \\
            --count 1000 --kernels cmsis-nn --server-time 1 --json
        agilenn-lab evaluate Config/models/cifar10/agilenn --dataset cifar10 \\
            --budget 400 --overlap off
      """)

  @Argument(help: ArgumentHelp("The bundle's folder.", valueName: "bundle"))
  var model: String

  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup(title: "Board") var board: BoardOptions
  @OptionGroup(title: "Policy") var policy: PolicyOptions

  @Option(
    help: ArgumentHelp(
      "ONNX Runtime's library; else $AGILENN_ONNXRUNTIME, else ~/.cache/agilenn.",
      valueName: "file"))
  var engineLibrary: String?

  @Option(
    help: ArgumentHelp(
      "Emulated devices that work at the same time; else 8, or 1 in paced time.",
      valueName: "count"))
  var devices: Int?

  @Flag(help: "Use no server: the local network alone answers.")
  var offline = false

  @Flag(help: "Print one JSON object and nothing else.")
  var json = false

  func validate() throws {
    if let devices, !(1...1000).contains(devices) {
      throw ValidationError("--devices must be a whole number from 1 to 1000.")
    }
  }

  func run() async throws {
    try await CommandLineEnd.run("agilenn-lab") {
      let bundle = try ModelBundle(directory: URL(fileURLWithPath: model, isDirectory: true))
      CommandLineEnd.warn("agilenn-lab", bundle.warnings)
      let settings = try board.settings(
        config: .locate(), seed: images.seed, device: policy.settings(for: bundle))
      let source = try images.open()
      let engine =
        offline || !bundle.manifest.hasServerHalf
        ? nil : try ONNXRuntime(library: engineLibrary.map { URL(fileURLWithPath: $0) })
      let progress = RunProgress(total: source.count)
      defer { progress.end() }
      let evaluation = Evaluation(bundle: bundle, settings: settings, devices: devices)
      let result = try await evaluation.run(
        source, engine: engine, warn: { progress.warn("agilenn-lab: \($0)") },
        each: { _ in progress.add() })
      let outcome = result.outcome
      progress.end()
      try StandardOutput.write(
        json
          ? outcome.summary.json(
            imagesPerSecond: outcome.imagesPerSecond, serverTime: result.settings.serverTime
          ).text + "\n"
          : SummaryTable(bundle: bundle, outcome: outcome, settings: result.settings).text)
      if outcome.serverFailed { throw ExitCode(75) }
    }
  }
}
