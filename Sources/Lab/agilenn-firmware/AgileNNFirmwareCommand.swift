import ArgumentParser
import CommandLineKit
import DeviceKit
import FirmwareBench
import Foundation

/// Runs models on the firmware under QEMU.
@main
struct AgileNNFirmwareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agilenn-firmware",
    abstract: "Runs models on the firmware under QEMU and holds them against the host.",
    discussion: """
      scripts/firmware builds the firmware. Inputs are random unless --digits is given; outputs, \
      frames, actions and answers must be equal to the host's to the bit, or the status is 65. A \
      bundle's images run over a link of fixed times, with a server that makes up its predictions.

      Examples:
        agilenn-firmware Config/models/digits/agilenn --count
        agilenn-firmware Config/models/digits/agilenn --digits --inputs 20 --camera 160x120
        agilenn-firmware model.tflite other.tflite --inputs 10 --counts counts.txt
        agilenn-firmware oracle/*.tflite --record .
      """)

  @Argument(help: ArgumentHelp("Bundles' folders or .tflite files.", valueName: "model"))
  var models: [String] = []

  @Option(help: "Inferences of each model, at most 1000.")
  var inputs = 1

  @Option(help: "Seed of the random inputs.")
  var seed: UInt64 = 1

  @Flag(help: "Take bundles' inputs from the test images of Digits.")
  var digits = false

  @Option(
    help: ArgumentHelp(
      "Pixels that bundles' camera delivers, as 320x240; else as the network takes them.",
      valueName: "size"),
    transform: CameraSize.init)
  var camera: CameraSize?

  @Flag(help: "Count instructions by operator.")
  var count = false

  @Option(
    help: ArgumentHelp(
      "Write each instruction's count, by model and phase, to a file.", valueName: "file"))
  var counts: String?

  @Option(
    help: ArgumentHelp("The folder that scripts/firmware wrote.", valueName: "folder"))
  var firmware: String?

  @Option(
    help: ArgumentHelp(
      "Measure a repository's bundles, and the models' stack, and write its figures.",
      valueName: "repository"))
  var record: String?

  func validate() throws {
    guard (1...1000).contains(inputs) else { throw ValidationError("--inputs is from 1 to 1000.") }
  }

  func run() async throws {
    // Not in `validate`, which comes before an unknown option is told.
    guard record != nil || !models.isEmpty else { throw ValidationError("No models.") }
    try await CommandLineEnd.run("agilenn-firmware") {
      let folder = firmware.map { URL(fileURLWithPath: $0, isDirectory: true) }
      let bench = try ChipBench(
        folder: folder ?? ChipBench.defaultFolder(), interruption: Interruption())
      let models = try models.map {
        try FirmwareModel(
          of: URL(fileURLWithPath: $0), camera: camera.map { ($0.width, $0.height) })
      }
      if let record {
        try write(
          to: URL(fileURLWithPath: record, isDirectory: true), models: models, on: bench)
        return
      }
      // Before the run, which may take minutes; what is there stays until there is something new.
      if let counts { try Self.checkWritable(URL(fileURLWithPath: counts)) }
      let trial = FirmwareTrial(
        models,
        inputs: try models.map {
          try digits ? $0.digits(inputs) : $0.randomInputs(inputs, seed: seed)
        })
      let outcome = try trial.run(on: bench, counting: count || counts != nil)
      try StandardOutput.write(outcome.text)
      if let counts {
        try Self.write(outcome.instructionTable, to: URL(fileURLWithPath: counts))
      }
      if !outcome.isEqual { throw ExitCode(65) }
    }
  }

  private static func checkWritable(_ file: URL) throws {
    let descriptor = open(file.path, O_WRONLY | O_CREAT | O_NONBLOCK, 0o644)
    guard descriptor >= 0 else { throw BenchError.unwritable(file.path) }
    close(descriptor)
  }

  private static func write(_ text: String, to file: URL) throws {
    do {
      try Data(text.utf8).write(to: file)
    } catch {
      throw BenchError.unwritable(file.path)
    }
  }

  private func write(
    to repository: URL, models: [FirmwareModel], on bench: ChipBench
  ) throws {
    let record = try FirmwareRecord(
      bundles: repository.appendingPathComponent("Config/models"), models: models, on: bench)
    for (path, text) in [
      (FirmwareRecord.figuresPath, record.figures.text),
      (FirmwareRecord.countsPath, record.counts.text),
    ] {
      try Self.write(text, to: repository.appendingPathComponent(path))
    }
    try StandardOutput.write(record.figures.text)
  }
}
