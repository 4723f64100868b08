import ArgumentParser
import CommandLineKit
import DeviceKit
import Foundation
import LabKit
import Report

struct InspectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows a model's operators, cycles by kernel preset, SRAM map and flash.",
    discussion: """
      For a model that does not fit the board it shows the same, the map with what found no \
      place, and ends with status 65.

      Examples:
        agilenn-lab inspect Config/models/digits/agilenn
        agilenn-lab inspect model.tflite --clock 64 --json
      """)

  @Argument(help: ArgumentHelp("A bundle's folder or a .tflite file.", valueName: "model"))
  var model: String

  @OptionGroup var bench: BenchOptions

  func run() async throws {
    try await CommandLineEnd.run("agilenn-lab") {
      let inspection = try Inspection(of: URL(fileURLWithPath: model), on: bench.open())
      try StandardOutput.write(bench.json ? inspection.json.text + "\n" : inspection.text)
      if !inspection.memory.fits { throw ExitCode(65) }
    }
  }
}
