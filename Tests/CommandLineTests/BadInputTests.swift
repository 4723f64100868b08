import Foundation
import Testing

/// Bad input ends in one clear line and the exit status that the contract gives it.
@Suite struct BadInputTests {
  static func expect(
    _ command: Command, status: Int32, saying words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let result = try await command.run()
    #expect(result.status == status, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    #expect(result.errorLines.count == 1, "\(result.errors)", sourceLocation: sourceLocation)
    for word in words {
      #expect(
        result.errors.contains(word), "no '\(word)' in: \(result.errors)",
        sourceLocation: sourceLocation)
    }
  }

  static func copyOfTiny(in folder: URL) throws -> URL {
    let copy = folder.appendingPathComponent("tiny")
    try FileManager.default.copyItem(at: URL(fileURLWithPath: Command.tiny), to: copy)
    return copy
  }

  static func device(_ model: String, _ arguments: String...) -> Command {
    var command = Command("agilenn-device", "--model", model)
    command.arguments += arguments
    return command
  }

  @Test func missingBundle() async throws {
    try await Self.expect(
      Self.device("/nonexistent", "--dataset", "digits", "--offline"), status: 66,
      saying: "/nonexistent")
    try await Self.expect(
      Command("agilenn-lab", "inspect", "/nonexistent"), status: 66, saying: "/nonexistent")
    try await Self.expect(
      Command("agilenn-lab", "evaluate", "/nonexistent", "--dataset", "digits"), status: 66,
      saying: "/nonexistent")
    try await Self.expect(
      Command("agilenn-server", "--models", "/nonexistent"), status: 66, saying: "/nonexistent")
  }

  @Test func damagedManifest() async throws {
    try await withTemporaryFolder { folder in
      let copy = try Self.copyOfTiny(in: folder)
      try Data("{\"format\": 1".utf8).write(to: copy.appendingPathComponent("bundle.json"))
      try await Self.expect(
        Self.device(copy.path, "--dataset", "digits", "--offline"), status: 65,
        saying: "bundle.json")
    }
  }

  @Test func graphThatIsNotTheManifests() async throws {
    try await withTemporaryFolder { folder in
      let copy = try Self.copyOfTiny(in: folder)
      let graph = copy.appendingPathComponent("device.tflite")
      var bytes = try Data(contentsOf: graph)
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: graph)
      try await Self.expect(
        Self.device(copy.path, "--dataset", "digits", "--offline"), status: 65,
        saying: "device.tflite", "sha256")
    }
  }

  @Test func pathThatLeavesTheBundle() async throws {
    try await withTemporaryFolder { folder in
      let copy = try Self.copyOfTiny(in: folder)
      let manifest = copy.appendingPathComponent("bundle.json")
      try String(contentsOf: manifest, encoding: .utf8)
        .replacingOccurrences(of: "\"device.tflite\"", with: "\"../tiny/device.tflite\"")
        .write(to: manifest, atomically: true, encoding: .utf8)
      try await Self.expect(
        Self.device(copy.path, "--dataset", "digits", "--offline"), status: 65,
        saying: "../tiny/device.tflite")
    }
  }

  @Test func truncatedModel() async throws {
    try await withTemporaryFolder { folder in
      let whole = try Data(contentsOf: URL(fileURLWithPath: Command.tiny + "/device.tflite"))
      let model = folder.appendingPathComponent("model.tflite")
      for length in [0, 3, 100, whole.count / 2, whole.count - 1] {
        try whole[..<length].write(to: model)
        try await Self.expect(
          Command("agilenn-lab", "inspect", model.path), status: 65, saying: "model.tflite")
        try await Self.expect(
          Command("agilenn-lab", "run", model.path, "--input", model.path), status: 65,
          saying: "model.tflite")
      }
    }
  }

  @Test func inputOfTheWrongLength() async throws {
    try await withTemporaryFolder { folder in
      let input = folder.appendingPathComponent("input.raw")
      for length in [0, 3071, 3073] {
        try Data(count: length).write(to: input)
        try await Self.expect(
          Command("agilenn-lab", "run", Command.tiny + "/device.tflite", "--input", input.path),
          status: 65,
          saying: length > 3072 ? "more than 3072 bytes" : "\(length) bytes", "takes 3072")
      }
      try await Self.expect(
        Command(
          "agilenn-lab", "run", Command.tiny + "/device.tflite", "--input", "/nonexistent.raw"),
        status: 66, saying: "/nonexistent.raw")
    }
  }

  @Test func images() async throws {
    try await withTemporaryFolder { folder in
      let image = folder.appendingPathComponent("image.png")
      let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      // A header that claims 50,000 x 50,000 pixels of 24 bits, and nothing behind it.
      let bomb: [UInt8] =
        signature + [0, 0, 0, 13] + Array("IHDR".utf8)
        + [0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50, 8, 2, 0, 0, 0] + [0, 0, 0, 0]
      for bytes in [signature, bomb, Array("no picture".utf8), []] {
        try Data(bytes).write(to: image)
        try await Self.expect(
          Self.device(Command.tiny, "--images", image.path, "--offline"), status: 65,
          saying: "image.png")
      }
    }
    try await Self.expect(
      Self.device(Command.tiny, "--images", "/nonexistent.png", "--offline"), status: 66,
      saying: "/nonexistent.png", "no such file")
  }

  @Test func missingDataset() async throws {
    try await Self.expect(
      Self.device(Command.tiny, "--dataset", "cifar10", "--data", "/nonexistent", "--offline"),
      status: 66, saying: "cifar10", "scripts/datasets cifar10")
  }

  /// No server was lost, so that this is the bundle's fault.
  @Test func offlineWithoutALocalExit() async throws {
    try await withTemporaryFolder { folder in
      let copy = try Self.copyOfTiny(in: folder)
      let manifest = copy.appendingPathComponent("bundle.json")
      var content = try #require(
        JSONSerialization.jsonObject(with: Data(contentsOf: manifest)) as? [String: Any])
      var paths = content["paths"] as? [[String: Any]] ?? []
      let exits = paths[0]["exits"] as? [[String: Any]] ?? []
      paths[0]["exits"] = exits.filter { $0["where"] as? String == "server" }
      content["paths"] = paths
      try JSONSerialization.data(withJSONObject: content).write(to: manifest)
      try await Self.expect(
        Self.device(copy.path, "--dataset", "digits", "--offline"), status: 65,
        saying: "no local exit")
    }
  }

  @Test func unreachableServer() async throws {
    // Port 1 is reserved for a service that nobody runs.
    try await Self.expect(
      Self.device(Command.tiny, "--dataset", "digits", "--server", "127.0.0.1:1"), status: 69,
      saying: "127.0.0.1:1")
  }

  @Test func usage() async throws {
    let wrong: [[String]] = [
      [], ["--model", Command.tiny], ["--model", Command.tiny, "--dataset", "mnist"],
      ["--model", Command.tiny, "--dataset", "digits", "--images", "a.png"],
      ["--model", Command.tiny, "--dataset", "digits", "--count", "0"],
      ["--model", Command.tiny, "--dataset", "digits", "--server", "nowhere"],
      ["--model", Command.tiny, "--dataset", "digits", "--server-time", "soon"],
      ["--model", Command.tiny, "--dataset", "digits", "--time", "warped"],
      ["--model", Command.tiny, "--dataset", "digits", "--energy", "fusion"],
      ["--model", Command.tiny, "--dataset", "digits", "--offline", "--server", "localhost:7433"],
      ["--model", Command.tiny, "--dataset", "digits", "--offline", "--clock", "500"],
      ["--model", Command.tiny, "--dataset", "digits", "--offline", "--radio", "smoke"],
      ["--model", Command.tiny, "--dataset", "digits", "--offline", "--kernels", "none"],
      ["--model", Command.tiny, "--dataset", "digits", "--offline", "--board", "toaster"],
    ]
    for arguments in wrong {
      var command = Command("agilenn-device")
      command.arguments = arguments
      let result = try await command.run()
      #expect(result.status == 64, "\(arguments): \(result.errors)")
      #expect(result.output.isEmpty && !result.errors.isEmpty)
    }
  }

  @Test func modelThatDoesNotFit() async throws {
    let result = try await Command("agilenn-lab", "inspect", Command.large, "--json").run()
    #expect(result.status == 65)
    #expect(result.errors.isEmpty)
    let report =
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    #expect(report?["fits"] as? Bool == false)
    let map = try #require(report?["sramMap"] as? [[String: Any]])
    #expect(map.map { $0["name"] as? String } == ["stack", "static data", "activations"])
    #expect(map.last?["bytes"] as? Int == 480_608)
    #expect(map.last?["offset"] is NSNull)

    let table = try await Command("agilenn-lab", "inspect", Command.large).run()
    #expect(table.status == 65)
    #expect(table.output.contains("no room"))

    let run = try await Command(
      "agilenn-lab", "run", Command.large, "--input", Command.large
    ).run()
    #expect(run.status == 65)
    #expect(run.errors.contains("does not fit into SRAM"))
  }
}
