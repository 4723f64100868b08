import Foundation
import TestBundles
import Testing

/// The example's program, on files of the lab's.
@Suite struct ExampleTests {
  static let digits = Repository.root.appendingPathComponent("Config/models/digits/agilenn").path

  @Test func classifyFolder() async throws {
    try await withTemporaryFolder { folder in
      let export = try await Command(
        "agilenn-lab", "data", "export", "digits", "--data", "/nonexistent", "--count", "20",
        "--out",
        folder.path
      ).run()
      #expect(export.status == 0, "\(export.errors)")
      #expect(export.lines.count == 20)
      // What is no image by its name is passed over.
      try Data("no picture".utf8).write(to: folder.appendingPathComponent("notes.txt"))

      let result = try await Command("classify-folder", Self.digits, folder.path).run()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.isEmpty)
      let line = /[0-9]{5}-([0-9])\.png: ([0-9]), ([0-9.]+) ms, ([0-9.]+) mJ/
      let matches = result.lines.compactMap { $0.wholeMatch(of: line) }
      #expect(matches.count == 20)
      // The bundle's local network is right on 99 % of all digits.
      #expect(matches.count { $0.1 == $0.2 } >= 19)
      for match in matches {
        #expect((Double(match.3) ?? 0) > 0 && (Double(match.4) ?? 0) > 0)
      }
      // The program answers as the device's own command line does.
      var device = Command("agilenn-device", "--model", Self.digits, "--offline", "--images")
      device.arguments += export.lines.map(String.init)
      let answers = try await device.run()
      #expect(
        answers.output.split(separator: "\n").compactMap {
          $0.wholeMatch(of: /.*\/(.*): ([0-9])/).map { "\($0.1): \($0.2)" }
        } == result.lines.map { String($0.prefix { $0 != "," }) })
    }
  }

  @Test func badInput() async throws {
    try await withTemporaryFolder { folder in
      try await BadInputTests.expect(
        Command("classify-folder", Self.digits), status: 64, saying: "usage")
      try await BadInputTests.expect(
        Command("classify-folder", Self.digits, folder.path), status: 66, saying: folder.path)
      try await BadInputTests.expect(
        Command("classify-folder", Self.digits, "/nonexistent"), status: 66,
        saying: "/nonexistent")
      try await BadInputTests.expect(
        Command("classify-folder", "/nonexistent", folder.path), status: 66,
        saying: "/nonexistent")
      try Data("no picture".utf8).write(to: folder.appendingPathComponent("a.png"))
      try await BadInputTests.expect(
        Command("classify-folder", Self.digits, folder.path), status: 65, saying: "a.png")
      // The folder is a file, so that none of that name can be made.
      try await BadInputTests.expect(
        Command(
          "agilenn-lab", "data", "export", "digits", "--data", "/nonexistent", "--out",
          folder.appendingPathComponent("a.png").path), status: 73, saying: "a.png")
    }
  }
}
