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
        agilenn-lab data export digits --count 20 --out pictures
      """,
    subcommands: [List.self, Check.self, Render.self, Export.self])

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

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export",
      abstract: "Writes the first test images of a data set as PNG files.",
      discussion: "A file is named after its image's index and class: 00017-7.png.")

    @Argument(help: ArgumentHelp("The data set.", valueName: "name"))
    var name: DatasetName

    @Option(help: ArgumentHelp("How many images.", valueName: "n"))
    var count = 20

    @Option(
      help: ArgumentHelp("The folder for the files; made if it is not there.", valueName: "dir"))
    var out: String

    @OptionGroup var root: Root

    func validate() throws {
      if count < 1 { throw ValidationError("--count must be at least 1.") }
    }

    func run() async throws {
      try await CommandLineEnd.run("agilenn-lab") {
        let images = try root.locator.open(name, split: .test)
        try ImageExport.write(
          images, count: count, to: URL(fileURLWithPath: out, isDirectory: true)
        ) { file in
          try StandardOutput.write("\(file.path)\n")
        }
      }
    }
  }
}
