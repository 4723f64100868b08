import ArgumentParser
import Board
import LabKit

/// What `inspect` and `run` have in common.
struct BenchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The core's clock in MHz; else the board's fastest.", valueName: "mhz"))
  var clock: Double?

  @Flag(help: "Print one JSON object and nothing else.")
  var json = false

  /// The STM32F746, and all kernel presets.
  func open() throws -> Inspection.Bench {
    try Inspection.Bench(config: .locate(), board: "stm32f746", megahertz: clock)
  }
}
