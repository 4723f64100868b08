import ArgumentParser
import BundleFormat
import CommandLineKit
import DeviceKit
import Foundation
import LabKit
import RemoteEngine

struct BundleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Looks after bundles.",
    subcommands: [Check.self])

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Reads a bundle as device and server would, and says whether it is sound.",
      discussion: """
        Example:
          agilenn-lab bundle check Config/models/digits/agilenn
        """)

    @Argument(help: ArgumentHelp("The bundle's folder.", valueName: "bundle"))
    var model: String

    @Option(
      help: ArgumentHelp(
        "ONNX Runtime's library; else $AGILENN_ONNXRUNTIME, else ~/.cache/agilenn.",
        valueName: "file"))
    var engineLibrary: String?

    func run() async throws {
      try await CommandLineEnd.run("agilenn-lab") {
        let bundle = try ModelBundle(directory: URL(fileURLWithPath: model, isDirectory: true))
        let engine = try ONNXRuntime(library: engineLibrary.map { URL(fileURLWithPath: $0) })
        let bench = try Inspection.Bench(config: .locate(), board: "stm32f746", megahertz: nil)
        let check = try BundleCheck(bundle, engine: engine, on: bench)
        CommandLineEnd.warn("agilenn-lab", bundle.warnings)
        try StandardOutput.write(check.text)
        if !check.fits { throw ExitCode(65) }
      }
    }
  }
}
