import ArgumentParser
import CommandLineKit
import DeviceKit
import Foundation
import LabKit
import Report

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs one inference of a .tflite model on the emulated board.",
    discussion: """
      The input file holds the bytes of all the model's inputs, in the subgraph's order, with \
      nothing between them: int8 and uint8 a byte each, float32 four, little-endian.

      Example:
        agilenn-lab run model.tflite --input pixels.raw --json
      """)

  @Argument(help: ArgumentHelp("A .tflite file.", valueName: "model"))
  var model: String

  @Option(help: ArgumentHelp("The inputs' bytes.", valueName: "raw"))
  var input: String

  @OptionGroup var bench: BenchOptions

  func run() async throws {
    try await CommandLineEnd.run("agilenn-lab") {
      let result = try ModelRun(
        model: URL(fileURLWithPath: model), input: URL(fileURLWithPath: input), on: bench.open())
      try StandardOutput.write(bench.json ? result.json.text + "\n" : result.text)
    }
  }
}
