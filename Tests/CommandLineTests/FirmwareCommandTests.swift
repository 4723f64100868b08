import Foundation
import TestBundles
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
    for arguments in [
      [], [Command.tiny, "--inputs", "0"], [Command.tiny, "--camera", "320X240"], ["--bogus"],
    ] {
      var command = Command("agilenn-firmware")
      command.arguments = arguments
      let result = try await command.run()
      #expect(result.status == 64)
      #expect(result.output.isEmpty && !result.errors.isEmpty)
    }
  }

  @Test func anImageThatIsNone() async throws {
    try await withTemporaryFolder { folder in
      try Data().write(to: folder.appendingPathComponent("firmware.elf"))
      let counts = folder.appendingPathComponent("counts")
      try Data("before".utf8).write(to: counts)
      try await BadInputTests.expect(
        Command(
          "agilenn-firmware", Command.tiny, "--counts", counts.path, "--firmware", folder.path),
        status: 65, saying: "no firmware image")
      // What a run before this one counted is still there.
      #expect(try String(contentsOf: counts, encoding: .utf8) == "before")
    }
  }

  /// An emulator that would go on for a minute: a signal to the command ends both, and nothing stays.
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func signalEndsTheEmulatorToo(signal: Int32) async throws {
    try await withTemporaryFolder { folder in
      let work = folder.appendingPathComponent("work")
      try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
      try Data().write(to: folder.appendingPathComponent("firmware.elf"))
      let started = folder.appendingPathComponent("started")
      let emulator = folder.appendingPathComponent("qemu-system-arm")
      try Data(
        "#!/bin/sh\necho $$ >\(started.path)~\nmv \(started.path)~ \(started.path)\nexec sleep 60\n"
          .utf8
      )
      .write(to: emulator)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: emulator.path)
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      let command = try Command(
        "agilenn-firmware", Command.tiny, "--firmware", folder.path,
        environment: ["PATH": "\(folder.path):\(path)", "TMPDIR": work.path]
      ).start()
      var identifier: pid_t?
      while identifier == nil, command.process.isRunning {
        try await Task.sleep(for: .milliseconds(20))
        identifier = (try? String(contentsOf: started, encoding: .utf8))
          .flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
      }
      kill(command.process.processIdentifier, signal)
      let result = await command.finish()
      #expect(result.status == 128 + signal)
      #expect(result.errorLines == ["agilenn-firmware: ended by signal \(signal)"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: work.path).isEmpty)
      #expect(kill(try #require(identifier), 0) == -1)
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
    #expect(tiny.output.contains("equal to the host"))
    #expect(tiny.output.contains("CONV_2D"))
    #expect(tiny.output.contains("events"))

    let digits = try await Command(
      "agilenn-firmware", Command.tiny, "--digits", "--inputs", "3"
    ).run()
    #expect(digits.status == 0)
    let bare = Command.tiny + "/device.tflite"
    for option in [["--digits"], ["--camera", "32x32"]] {
      var command = Command("agilenn-firmware", bare)
      command.arguments += option
      try await BadInputTests.expect(command, status: 65, saying: "no camera")
    }

    var schemes = Command("agilenn-firmware", "--inputs", "6")
    schemes.arguments += FixtureBundle.schemes.map(\.folder.path)
    let all = try await schemes.run()
    #expect(all.status == 0, "\(all.output)")
    #expect(all.lines.count == FixtureBundle.schemes.count)
    #expect(all.lines.allSatisfy { $0.contains(": equal to the host") })

    let large = try await Command("agilenn-firmware", Command.large).run()
    #expect(large.status == 65)
    #expect(large.output.contains("stopped with code 26, poolTooSmall"))
  }
}
