import ArgumentParser
import Board
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
    subcommands: [Check.self, Update.self])

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

  struct Update: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "update",
      abstract: "Brings a bundle of an earlier format over to this version's.",
      discussion: """
        Rewrites bundle.json; the graphs stay as they are. The bundle's digest changes, so device \
        and server must both have the new one.

        Example:
          agilenn-lab bundle update Config/models/digits/agilenn
        """)

    @Argument(help: ArgumentHelp("The bundle's folder.", valueName: "bundle"))
    var model: String

    func run() async throws {
      try await CommandLineEnd.run("agilenn-lab") {
        let folder = URL(fileURLWithPath: model, isDirectory: true)
        let isNew = try ModelBundle.update(directory: folder)
        try StandardOutput.write(
          isNew ? "\(model): brought over to format 2\n" : "\(model): has format 2 already\n")
      }
    }
  }
}
