import Board
import FirmwareBench
import Foundation
import TestBundles
import Testing

/// The firmware that the tests run: built by `scripts/firmware`, or what `$AGILENN_FIRMWARE` names.
enum FirmwareUnderTest {
  private static let environment = ProcessInfo.processInfo.environment

  /// Whether it can be built and run here. `scripts/test` names a folder, and then it must.
  static let isAvailable =
    environment["AGILENN_FIRMWARE"] != nil || (ChipBench.hasEmulator && hasTarget)

  static let skipped: Comment =
    "qemu-system-arm (scripts/setup test) or the toolchain's armv7em standard library is missing"

  /// The bench, built once.
  static let bench = Result { () throws -> ChipBench in
    if environment["AGILENN_FIRMWARE"] == nil {
      try run(script, ["--out", builtFolder.path])
      return try ChipBench(folder: builtFolder)
    }
    return try ChipBench()
  }

  static let script = Repository.root.appendingPathComponent("scripts/firmware")

  /// Where the bench's image lies, and a board's may go.
  static let folder = environment["AGILENN_FIRMWARE"].map(URL.init(fileURLWithPath:)) ?? builtFolder

  private static let builtFolder = ChipBench.defaultFolder()

  /// Whether the compiler beside us knows the chip.
  private static let hasTarget: Bool = {
    let paths = (environment["PATH"] ?? "").split(separator: ":")
      .map { URL(fileURLWithPath: String($0)).appendingPathComponent("swiftc") }
    guard
      let compiler = paths.first(where: {
        FileManager.default.isExecutableFile(atPath: $0.path)
      })
    else { return false }
    let library = compiler.resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent(
        "../lib/swift/embedded/Swift.swiftmodule/armv7em-none-none-eabi.swiftmodule")
    return FileManager.default.fileExists(atPath: library.path)
  }()

  static let config = ConfigStore(root: Repository.config)

  /// The board that runs the firmware, with our own kernels.
  static func board(radio: RadioProfile? = nil) throws -> Board {
    try Board(
      profile: config.board("stm32f746"), preset: config.kernels("swift"), radio: radio)
  }

  /// The figures that the repository keeps.
  static func recordedFigures() throws -> FirmwareFigures {
    let file = Repository.root.appendingPathComponent(FirmwareRecord.figuresPath)
    return try #require(FirmwareFigures(text: String(contentsOf: file, encoding: .utf8)))
  }

  struct Failure: Error, CustomStringConvertible {
    let status: Int32
    let description: String
  }

  /// Runs a program to its end.
  ///
  /// - Throws: ``Failure`` with what it said, where its status is not 0.
  static func run(_ program: URL, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(
        status: process.terminationStatus, description: String(decoding: said, as: UTF8.self))
    }
  }
}
