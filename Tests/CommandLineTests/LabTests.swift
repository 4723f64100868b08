import Foundation
import Testing

/// What `inspect`, `run` and `data` print.
@Suite struct LabTests {
  static func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func inspectBundle() async throws {
    let result = try await Command("agilenn-lab", "inspect", Command.tiny, "--json").run()
    #expect(result.status == 0)
    let report = try Self.object(result.output)
    #expect(report["fits"] as? Bool == true)
    let operators = try #require(report["operators"] as? [[String: Any]])
    #expect(operators.first?["name"] as? String == "CAMERA")
    // 16 places of 8x8x3 into 8 channels, and 3 into 10 classes.
    #expect(operators.reduce(0) { $0 + ($1["macs"] as? Int ?? 0) } == 16 * 192 * 8 + 30)
    let presets: Set = ["cmsis-nn", "swift", "tflm", "tinyengine", "x-cube-ai"]
    let cycles = try #require(report["cycles"] as? [String: Int])
    let milliseconds = try #require(report["milliseconds"] as? [String: Double])
    #expect(Set(cycles.keys) == presets && Set(milliseconds.keys) == presets)
    for preset in presets {
      let sum = operators.reduce(0) { $0 + (($1["cycles"] as? [String: Int])?[preset] ?? 0) }
      #expect(cycles[preset] == sum)
      #expect(abs((milliseconds[preset] ?? 0) - Double(sum) / 216_000) < 1e-9)
    }
    #expect((report["sramMap"] as? [Any])?.count == 6)
    #expect((report["arenaMap"] as? [Any])?.isEmpty == false)
  }

  @Test func clockScalesTime() async throws {
    let fast = try await Command("agilenn-lab", "inspect", Command.tiny, "--json").run()
    let slow = try await Command(
      "agilenn-lab", "inspect", Command.tiny, "--clock", "72", "--json"
    ).run()
    let (a, b) = try (Self.object(fast.output), Self.object(slow.output))
    let (x, y) = (a["milliseconds"] as? [String: Double], b["milliseconds"] as? [String: Double])
    #expect(abs((y?["swift"] ?? 0) / (x?["swift"] ?? 1) - 3) < 1e-9)
    #expect(a["cycles"] as? [String: Int] == b["cycles"] as? [String: Int])
  }

  @Test func plan() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("device.plan")
      func expect(_ arguments: String..., status: Int32, saying word: String) async throws {
        var command = Command("agilenn-lab", "plan")
        command.arguments += arguments
        try await BadInputTests.expect(command, status: status, saying: word)
        #expect(!FileManager.default.fileExists(atPath: file.path))
      }
      try await expect("/nonexistent", "--out", file.path, status: 66, saying: "/nonexistent")
      try await expect(
        Command.tiny + "/device.tflite", "--camera", "8x8", "--out", file.path, status: 64,
        saying: "bare model")
      try await expect(
        Command.tiny, "--out", "/nonexistent/plan", status: 73, saying: "/nonexistent/plan")

      let copy = folder.appendingPathComponent("model.tflite")
      try FileManager.default.copyItem(
        at: URL(fileURLWithPath: Command.tiny + "/device.tflite"), to: copy)
      try await expect(copy.path, "--out", copy.path, status: 64, saying: "the model itself")
      #expect(try Data(contentsOf: copy).count > 100)

      for (model, cameras) in [(Command.tiny, 1), (Command.tiny + "/device.tflite", 0)] {
        let result = try await Command("agilenn-lab", "plan", model, "--out", file.path).run()
        #expect(result.status == 0 && result.errors.isEmpty)
        let bytes = try [UInt8](Data(contentsOf: file))
        #expect(bytes.starts(with: Array("AGNP".utf8)))
        #expect(result.output.contains("\(bytes.count) bytes for flash"))
        let graph = try await Command("agilenn-lab", "inspect", model, "--json").run()
        let operators = try #require(try Self.object(graph.output)["operators"] as? [Any])
        #expect(result.output.contains("\(operators.count) operators"))
        #expect((graph.output.contains("CAMERA") ? 1 : 0) == cameras)
      }
    }
  }

  @Test func run() async throws {
    try await withTemporaryFolder { folder in
      let input = folder.appendingPathComponent("input.raw")
      try Data((0..<3072).map { UInt8($0 % 251) }).write(to: input)
      let result = try await Command(
        "agilenn-lab", "run", Command.tiny + "/device.tflite", "--input", input.path, "--json"
      ).run()
      #expect(result.status == 0)
      let report = try Self.object(result.output)
      let outputs = try #require(report["outputs"] as? [[String: Any]])
      #expect(outputs.map { $0["name"] as? String } == ["localLogits", "features"])
      #expect(outputs.map { $0["shape"] as? [Int] } == [[1, 10], [1, 4, 4, 5]])
      #expect(outputs.allSatisfy { $0["type"] as? String == "int8" })
      let sizes = outputs.map { ($0["data"] as? String).flatMap { Data(base64Encoded: $0) }?.count }
      #expect(sizes == [10, 80])
      #expect(report["fits"] as? Bool == true)
      for key in ["cycles", "milliseconds", "sramPeak", "arenaPeak", "flash"] {
        #expect(report[key] != nil, "\(key)")
      }

      let table = try await Command(
        "agilenn-lab", "run", Command.tiny + "/device.tflite", "--input", input.path
      ).run()
      #expect(table.output.contains("localLogits int8 [1x10]: "))
    }
  }

  @Test func dataList() async throws {
    let result = try await Command("agilenn-lab", "data", "list", "--data", "/nonexistent").run()
    #expect(result.status == 0)
    #expect(result.lines.count == 6)
    #expect(result.output.contains("scripts/datasets cifar10"))
    #expect(result.output.contains("drawn when asked for"))
  }

  @Test func offlineDevice() async throws {
    let result = try await Command(
      "agilenn-device", "--model", Command.tiny, "--dataset", "digits", "--data", "/nonexistent",
      "--count", "4", "--offline", "--json"
    ).run()
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    #expect(result.lines.count == 4)
    #expect(result.lines.allSatisfy { $0.contains(#""source":"local""#) })
  }
}
