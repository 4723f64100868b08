import Foundation
import Testing

/// The executables together: a server and a device in processes of their own, and the lab.
@Suite(.enabled(if: Command.hasEngine, "ONNX Runtime is not installed: scripts/setup run"))
struct SystemTests {
  /// A server for the tiny bundle on a free port, for as long as `body` runs.
  static func withServer<Result>(
    models: String = Command.tiny, _ body: (Command.Started, Int) async throws -> Result
  ) async throws -> Result {
    let server = try Command("agilenn-server", "--models", models, "--port", "0").start()
    var port: Int?
    for _ in 0..<600 where port == nil && server.process.isRunning {
      try await Task.sleep(for: .milliseconds(50))
      port = server.errors.firstMatch(of: /listening on [^ ]*:([0-9]+)/).flatMap { Int($0.1) }
    }
    defer { if server.process.isRunning { server.process.terminate() } }
    let result = try await body(server, #require(port, "\(server.errors)"))
    server.process.terminate()
    _ = await server.finish()
    return result
  }

  static func receipts(_ output: String) throws -> [[String: Any]] {
    try output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  @Test func deviceAgainstServer() async throws {
    try await Self.withServer { _, port in
      let result = try await Command(
        "agilenn-device", "--model", Command.tiny, "--server", "127.0.0.1:\(port)", "--dataset",
        "digits", "--data", "/nonexistent", "--count", "25", "--json"
      ).run()
      #expect(result.status == 0)
      #expect(result.errors.isEmpty)
      let receipts = try Self.receipts(result.output)
      #expect(receipts.map { $0["index"] as? Int } == Array(0..<25))
      for receipt in receipts {
        let spans = try #require(receipt["spans"] as? [[String: Any]])
        #expect(Set(spans.compactMap { $0["lane"] as? String }) == ["core", "radio", "server"])
        let ends = spans.compactMap { $0["end"] as? Int }
        #expect(receipt["totalMicroseconds"] as? Int == ends.max())
        #expect(receipt["source"] as? String == "combined")
        #expect(receipt["symbols"] as? [String: Int] == ["sent": 80, "used": 80, "all": 80])
        let energy = try #require(receipt["energyMicrojoules"] as? [String: Int])
        #expect(energy["total"] == (energy["compute"] ?? 0) + (energy["radio"] ?? 0))
      }

      let table = try await Command(
        "agilenn-device", "--model", Command.tiny, "--server", "127.0.0.1:\(port)", "--dataset",
        "digits", "--count", "25", "--seed", "3"
      ).run()
      #expect(table.status == 0)
      #expect(table.output.contains("end to end") && table.output.contains("of 327680 B"))
    }
  }

  @Test func anotherBundle() async throws {
    try await withTemporaryFolder { folder in
      let copy = try BadInputTests.copyOfTiny(in: folder)
      let manifest = copy.appendingPathComponent("bundle.json")
      let content = try Data(contentsOf: manifest) + Data("\n".utf8)
      try content.write(to: manifest)
      try await Self.withServer { _, port in
        try await BadInputTests.expect(
          BadInputTests.device(
            copy.path, "--server", "127.0.0.1:\(port)", "--dataset", "digits"),
          status: 76, saying: "does not have this bundle")
      }
    }
  }

  /// The server is killed after some images; the device says so once and answers all.
  @Test func serverThatIsKilled() async throws {
    try await Self.withServer { server, port in
      let device = try Command(
        "agilenn-device", "--model", Command.tiny, "--server", "127.0.0.1:\(port)", "--dataset",
        "digits", "--data", "/nonexistent", "--count", "150", "--time", "paced", "--server-time",
        "10", "--json"
      ).start()
      while device.process.isRunning, device.output.split(separator: "\n").count < 5 {
        try await Task.sleep(for: .milliseconds(10))
      }
      kill(server.process.processIdentifier, SIGKILL)
      let result = await device.finish()
      #expect(result.status == 75)
      #expect(result.errorLines.count == 1, "\(result.errors)")
      #expect(result.errors.contains("server lost"))
      let sources = try Self.receipts(result.output).map { $0["source"] as? String }
      #expect(sources.count == 150)
      #expect(sources.first == "combined" && sources.last == "local")
      let firstLocal = try #require(sources.firstIndex(of: "local"))
      #expect(sources[firstLocal...].allSatisfy { $0 == "local" })
    }
  }

  @Test func portInUse() async throws {
    try await Self.withServer { _, port in
      let result = try await Command(
        "agilenn-server", "--models", Command.tiny, "--port", "\(port)"
      ).run()
      #expect(result.status == 73)
      #expect(result.errorLines.count == 1, "\(result.errors)")
    }
  }

  @Test func evaluate() async throws {
    let result = try await Command(
      "agilenn-lab", "evaluate", Command.tiny, "--dataset", "digits", "--data", "/nonexistent",
      "--count", "40", "--server-time", "1", "--json"
    ).run()
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    let report = try #require(Self.receipts(result.output).first)
    #expect(report["images"] as? Int == 40)
    #expect((report["accuracy"] as? [String: Any])?.count == 4)
    let byStage = try #require(report["byStage"] as? [String: [String: Double]])
    #expect(byStage["run"]?["mean"] == 1000)
    let (half, most) = (report["p50"] as? Int ?? 0, report["p99"] as? Int ?? 0)
    #expect(half > 1000 && half <= most)
    #expect((report["sources"] as? [String: Int])?["combined"] == 40)
    #expect((report["imagesPerSecond"] as? Double ?? 0) > 0)
  }

  @Test func bundleCheck() async throws {
    let result = try await Command("agilenn-lab", "bundle", "check", Command.tiny).run()
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("agilenn for digits, 10 classes: sound; SRAM "))
  }
}
