import ArgumentParser
import CommandLineKit
import Datasets
import DeviceKit
import Foundation
import LabKit

struct DataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Looks after data sets.",
    discussion: """
      Examples:
        agilenn-lab data list
        agilenn-lab data check cifar10
        agilenn-lab data render --data ~/sets
      """,
    subcommands: [List.self, Check.self, Render.self])

  struct Root: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "The folder of the data sets; else $AGILENN_DATA, else ~/.cache/agilenn/datasets.",
        valueName: "dir"))
    var data: String?

    var locator: DatasetLocator {
      DatasetLocator(root: data.map { URL(fileURLWithPath: $0, isDirectory: true) })
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Lists the data sets: which are there, and how to get the rest.")

    @OptionGroup var root: Root

    func run() async throws {
      try await CommandLineEnd.run("agilenn-lab") {
        try StandardOutput.write(DataReport.list(root.locator))
      }
    }
  }

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Reads data sets through and says what is wrong with them.")

    @Argument(help: ArgumentHelp("The sets to check; else all that are there.", valueName: "name"))
    var names: [DatasetName] = []

    @OptionGroup var root: Root

    func run() async throws {
      try await CommandLineEnd.run("agilenn-lab") {
        let sets = names.isEmpty ? DataReport.present(root.locator) : names
        for name in sets {
          for split in Split.allCases {
            let check = try root.locator.check(name, split: split)
            try StandardOutput.write(DataReport.line(for: check))
          }
        }
      }
    }
  }

  struct Render: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "render",
      abstract: "Draws the Digits set and writes it in CIFAR-10's binary layout.",
      discussion: """
        The device needs no files for it, for it draws them as it goes; training reads them.
        """)

    @OptionGroup var root: Root

    func run() async throws {
      try await CommandLineEnd.run("agilenn-lab") {
        let locator = root.locator
        let total = Split.allCases.reduce(0) { $0 + DatasetName.digits.publishedCount(of: $1) }
        let progress = RunProgress(total: total)
        defer { progress.end() }
        let files = try DigitsWriter.write(to: locator.root) { written, _ in
          progress.advance(to: written)
        }
        progress.end()
        for file in files {
          try StandardOutput.write(
            "\(file.url.path): \(file.count) images, SHA-256 \(file.digest)\n")
        }
      }
    }
  }
}
