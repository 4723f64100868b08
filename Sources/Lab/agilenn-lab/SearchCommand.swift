import ArgumentParser
import Board
import CommandLineKit
import DeviceKit
import Foundation
import NetworkSearch
import Report

struct SearchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Searches a network that fits a board's memories and a time.",
    discussion: """
      Asks the emulator what each candidate takes of SRAM, flash and time, and judges by its entropy \
      how good it may become. Nothing is trained. The folder gets best.yaml, which \
      scripts/train/train.py takes as a part of a configuration; front.csv and front.svg, the \
      candidates that no other beats in both time and score; and trace.jsonl, all that was tried. A \
      search that was cut off goes on from there. docs/search.md says what a file holds.

      Examples:
        agilenn-lab search Config/search/cifar10.yaml --out found
        agilenn-lab search mine.yaml --out /tmp/mine
      """)

  @Argument(help: ArgumentHelp("What is searched.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("The folder for what is found.", valueName: "dir"))
  var out: String

  func run() async throws {
    try await CommandLineEnd.run("agilenn-lab") {
      let config = try ConfigStore.locate()
      let folder = URL(fileURLWithPath: out, isDirectory: true)
      var search = try ArchitectureSearch(
        SearchConfiguration(path: file, config: config), config: config, folder: folder)
      let progress = RunProgress(total: search.remaining)
      defer { progress.end() }
      let result = try search.run { progress.add() }
      progress.end()
      try result.write(to: folder)
      try StandardOutput.write(Self.text(result))
    }
  }

  /// The front, the best last.
  private static func text(_ result: SearchResult) -> String {
    var table = TextTable(header: [
      "ms by \(result.configuration.kernels)", "score", "M multiplications", "SRAM, kB",
      "flash, kB",
      "side", "blocks",
    ])
    for point in result.front {
      table.add([
        String(format: "%.1f", point.cost.milliseconds), String(format: "%.0f", point.score),
        String(format: "%.1f", Double(point.cost.macs) / 1e6),
        String(format: "%.1f", Double(point.cost.sram) / 1000),
        String(format: "%.1f", Double(point.cost.flash) / 1000),
        "\(point.architecture.side)", "\(point.architecture.blocks.count)",
      ])
    }
    return table.text
      + "\n\(result.allowed) of \(result.trials) candidates keep within the bounds\n"
  }
}
