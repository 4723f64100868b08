import Foundation
import Testing

/// `agilenn-firmware`: bad input, and a run where the firmware can be run.
@Suite struct FirmwareCommandTests {
  private static let isRunnable = ProcessInfo.processInfo.environment["AGILENN_FIRMWARE"] != nil

  @Test func badInput() async throws {
    try await withTemporaryFolder { folder in
      try await BadInputTests.expect(
        Command("agilenn-firmware", Command.tiny, "--firmware", folder.path), status: 66,
        saying: "no firmware", "scripts/firmware")
    }
    for arguments in [[], [Command.tiny, "--inputs", "0"]] {
      var command = Command("agilenn-firmware")
      command.arguments = arguments
      let result = try await command.run()
      #expect(result.status == 64)
      #expect(result.output.isEmpty && !result.errors.isEmpty)
    }
  }

  @Test(.enabled(if: isRunnable, "$AGILENN_FIRMWARE is not set: scripts/test builds it"))
  func modelsUnderQEMU() async throws {
    try await BadInputTests.expect(
      Command("agilenn-firmware", "/nonexistent"), status: 66, saying: "/nonexistent")
    try await BadInputTests.expect(
      Command("agilenn-firmware", Command.tiny + "/bundle.json"), status: 65,
      saying: "bundle.json")

    let tiny = try await Command("agilenn-firmware", Command.tiny, "--count").run()
    #expect(tiny.status == 0)
    #expect(tiny.output.contains("equal to the emulator"))
    #expect(tiny.output.contains("CONV_2D"))
    #expect(tiny.output.contains("request"))

    let large = try await Command("agilenn-firmware", Command.large).run()
    #expect(large.status == 65)
    #expect(large.output.contains("stopped with code 21, poolTooSmall"))
  }
}
