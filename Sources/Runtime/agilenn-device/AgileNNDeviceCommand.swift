import ArgumentParser
import Board
import BundleFormat
import CommandLineKit
import Credentials
import DeviceKit
import Foundation
import Report

/// The device executable: arguments in, the device program called, receipts or a table out.
@main
struct AgileNNDeviceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agilenn-device",
    abstract: "Classifies images on an emulated STM32F746, together with a server.",
    discussion: """
      The device runs the bundle's small network on its board, sends features to \
      agilenn-server over TCP, and combines both answers. A bundle without a server's half \
      needs no server. It ends with a table, or with --json prints one receipt a line.

      Examples:
        agilenn-device --model Config/models/digits/agilenn --dataset digits
        agilenn-device --model Config/models/cifar10/agilenn --dataset cifar10 \\
            --server 10.0.0.7:7433 --radio ble-270kbps --clock 64 --json
        agilenn-device --model Config/models/cifar10/agilenn --dataset cifar10 \\
            --deadline 10 --radio wifi-6mbps-real
        agilenn-device --model Config/models/digits/agilenn --offline \\
            --images one.png two.jpg

      Exit status: 0 all well, 64 usage, 65 bad data or a model that does not fit, 66 something \
      is missing, 69 no server of this protocol at the start, 75 the server was lost on the way \
      (all images have their receipts), 76 the server has another bundle.
      """)

  @Option(help: ArgumentHelp("The bundle's folder.", valueName: "dir"))
  var model: String

  private static let usualServer = ServerAddress(host: "127.0.0.1", port: 7433)

  @Option(
    help: ArgumentHelp(
      "Where agilenn-server listens; else 127.0.0.1:7433.", valueName: "host:port"),
    transform: { text in
      guard let address = ServerAddress(text) else {
        throw ValidationError("'\(text)' is not HOST:PORT.")
      }
      return address
    })
  var server: ServerAddress?

  @Option(
    help: ArgumentHelp("A file with the token that the server wants.", valueName: "file"))
  var tokenFile: String?

  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup(title: "Board") var board: BoardOptions
  @OptionGroup(title: "Policy") var policy: PolicyOptions

  @Flag(help: "Use no server: the local network alone answers.")
  var offline = false

  @Flag(help: "Print one receipt a line, as JSON, and nothing else.")
  var json = false

  func validate() throws {
    if offline, server != nil {
      throw ValidationError("--offline uses no server, so --server has no meaning with it.")
    }
  }

  func run() async throws {
    try await CommandLineEnd.run("agilenn-device") {
      let bundle = try ModelBundle(directory: URL(fileURLWithPath: model, isDirectory: true))
      CommandLineEnd.warn("agilenn-device", bundle.warnings)
      var settings = try board.settings(
        config: .locate(), seed: images.seed, device: policy.settings(for: bundle))
      // Nothing is charged for a server where there is none.
      if offline { settings.serverTime = .measured }
      let run = DeviceRun(bundle: bundle, settings: settings)
      let outcome = try await classify(images.open(), by: run, labels: bundle.manifest.labels)
      if !json {
        try StandardOutput.write(
          SummaryTable(bundle: bundle, outcome: outcome, settings: settings).text)
      }
      if outcome.serverFailed { throw ExitCode(75) }
    }
  }

  private func classify(
    _ source: ImageSource, by run: DeviceRun, labels: [String]
  ) async throws -> DeviceRun.Outcome {
    let token = try tokenFile.map { try TokenFile.read(URL(fileURLWithPath: $0)) } ?? []
    let progress = RunProgress(total: source.count)
    defer { progress.end() }
    return try await run.run(
      source,
      server: offline ? nil : .init(server ?? Self.usualServer, token: token),
      warn: { progress.warn("agilenn-device: \($0)") },
      each: { receipt in
        if let line = line(for: receipt, labels: labels) {
          progress.end()
          try StandardOutput.write(line + "\n")
        }
        progress.add()
      })
  }

  /// With --json the receipt; for a file the class that it was given; of a data set nothing.
  private func line(for receipt: Receipt, labels: [String]) -> String? {
    if json { return receipt.json.text }
    guard let answer = receipt.answer, images.images.indices.contains(receipt.index) else {
      return nil
    }
    return "\(images.images[receipt.index]): \(labels[answer])"
  }
}
