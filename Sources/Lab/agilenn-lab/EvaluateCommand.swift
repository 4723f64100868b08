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
    abstract: "Measures a bundle: accuracy and mean receipt, device and server in one process.",
    discussion: """
      The features really go over TCP, to a server on a free port of this machine.

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

  @Flag(help: "Use no server: the local network alone answers.")
  var offline = false

  @Flag(help: "Print one JSON object and nothing else.")
  var json = false

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
      let outcome = try await Evaluation(bundle: bundle, settings: settings).run(
        source, engine: engine, warn: { progress.warn("agilenn-lab: \($0)") },
        each: { _ in progress.add() })
      progress.end()
      try StandardOutput.write(
        json
          ? outcome.summary.json(imagesPerSecond: outcome.imagesPerSecond).text + "\n"
          : SummaryTable(bundle: bundle, outcome: outcome, settings: settings).text)
      if outcome.serverFailed { throw ExitCode(75) }
    }
  }
}
