import BundleFormat
import Foundation
import TestBundles
import Testing

/// The executables with bundles of the other schemes.
@Suite struct SchemeCommandTests {
  private static func device(_ bundle: FixtureBundle, _ arguments: String...) -> Command {
    var command = Command("agilenn-device", "--model", bundle.folder.path)
    command.arguments += arguments + ["--json", "--images"] + Repository.pictures.map(\.path)
    return command
  }

  /// The class that each receipt answers with; nil for none.
  private static func answers(_ receipts: [[String: Any]]) -> [Int?] {
    receipts.map { receipt in
      let prediction = receipt["prediction"] as? [String: Any]
      return switch receipt["source"] as? String {
      case "combined", "prefix": prediction?["combined"] as? Int
      case "local": prediction?["local"] as? Int
      case "remote": prediction?["remote"] as? Int
      default: nil
      }
    }
  }

  /// Without --server, where nobody listens at the default address, and with --offline.
  @Test func mcunetNeedsNoServer() async throws {
    let expected = try OracleAnswers(of: .mcunet).pictures("local").map(\.answer.label)
    let plain = try await Self.device(.mcunet).run()
    #expect(plain.status == 0 && plain.errors.isEmpty, "\(plain.errors)")
    #expect(Self.answers(try SystemTests.receipts(plain.output)) == expected)
    let offline = try await Self.device(.mcunet, "--offline").run()
    #expect(offline.status == 0 && offline.output == plain.output)

    let table = try await Command(
      "agilenn-device", "--model", FixtureBundle.mcunet.folder.path, "--images",
      Repository.pictures[0].path
    ).run()
    let label = try #require(expected.first)
    let names = try FixtureBundle.mcunet.load().manifest.labels
    #expect(table.output.hasPrefix("\(Repository.pictures[0].path): \(names[label])\n"))
  }

  @Test func nothingToAnswerWith() async throws {
    for bundle in [FixtureBundle.edgeOnly, .deepcod] {
      try await BadInputTests.expect(
        Self.device(bundle, "--offline"), status: 65, saying: "no server", "no local exit")
      try await BadInputTests.expect(
        Self.device(bundle, "--server", "127.0.0.1:1"), status: 69, saying: "127.0.0.1:1")
    }
    try await BadInputTests.expect(
      Self.device(.spinn, "--offline", "--path", "deeper"), status: 65,
      saying: "whole, shallow, deep")
  }

  @Test func aTargetIsForWhoChooses() async throws {
    try await BadInputTests.expect(
      Self.device(.deepcod, "--server", "127.0.0.1:1", "--target", "energy"), status: 64,
      saying: "a target is for a scheme that chooses", "deepcod")
    try await BadInputTests.expect(
      Self.device(.spinn, "--server", "127.0.0.1:1", "--target", "energy", "--path", "deep"),
      status: 64, saying: "with its path given")
  }

  /// All bundles on one server, one of which has nothing to serve.
  @Test(.enabled(if: Command.hasEngine, "ONNX Runtime is not installed: scripts/setup run"))
  func allBundlesOnOneServer() async throws {
    let bundles = Repository.fixtures.appendingPathComponent("bundles").path
    try await SystemTests.withServer(models: bundles) { _, port in
      for (bundle, path, forced) in [
        (FixtureBundle.mcunet, "local", false), (.edgeOnly, "remote", false),
        (.deepcod, "offload", false), (.spinn, "deep", true), (.spinn, "shallow", true),
        (.spinn, "whole", true),
      ] {
        var command = Self.device(bundle, "--server", "127.0.0.1:\(port)", "--server-time", "1")
        if forced { command.arguments.insert(contentsOf: ["--path", path], at: 0) }
        let result = try await command.run()
        #expect(result.status == 0 && result.errors.isEmpty, "\(bundle)/\(path): \(result.errors)")
        let receipts = try SystemTests.receipts(result.output)
        let expected = try OracleAnswers(of: bundle).pictures(path).map(\.answer)
        #expect(receipts.map { $0["source"] as? String } == expected.map(\.source))
        #expect(Self.answers(receipts) == expected.map(\.label), "\(bundle)/\(path)")
        let sent = receipts.map { ($0["bytes"] as? [String: Int])?["up"] }
        #expect(sent == expected.map(\.up), "\(bundle)/\(path)")
      }
    }
  }

  @Test(.enabled(if: Command.hasEngine, "ONNX Runtime is not installed: scripts/setup run"))
  func evaluate() async throws {
    for (bundle, sources, missed) in [
      (FixtureBundle.mcunet, ["local": 12], 0), (.edgeOnly, ["remote": 12], 0),
      (.deepcod, ["remote": 12], 0),
      (.spinn, ["combined": 6, "local": 6], 0),
    ] {
      let path = bundle.name == "spinn" ? ["--path", "deep"] : []
      let report = try await Self.evaluation(bundle, path)
      #expect((report["sources"] as? [String: Int])?.filter { $0.value > 0 } == sources)
      #expect(report["missed"] as? Int == missed)
    }
    for limit in [["--budget", "0"], ["--deadline", "0"]] {
      let report = try await Self.evaluation(.edgeOnly, limit)
      #expect((report["sources"] as? [String: Int])?["none"] == 12)
      #expect(report["missed"] as? Int == 12)
    }
  }

  private static func evaluation(
    _ bundle: FixtureBundle, _ limit: [String] = []
  ) async throws -> [String: Any] {
    var command = Command("agilenn-lab", "evaluate", bundle.folder.path)
    command.arguments += limit + ["--json", "--images"] + Repository.pictures.map(\.path)
    let result = try await command.run()
    #expect(result.status == 0, "\(result.errors)")
    return try #require(SystemTests.receipts(result.output).first)
  }

  @Test(.enabled(if: Command.hasEngine, "ONNX Runtime is not installed: scripts/setup run"))
  func bundleCheck() async throws {
    for bundle in FixtureBundle.schemes {
      let result = try await Command("agilenn-lab", "bundle", "check", bundle.folder.path).run()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.hasPrefix("\(bundle.name) for blocks, 6 classes: sound; SRAM "))
    }
  }
}
