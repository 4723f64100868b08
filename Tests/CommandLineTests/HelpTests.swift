import Foundation
import TestBundles
import Testing

/// Help texts are part of the product: each is compared with a committed file.
@Suite struct HelpTests {
  static let pages: [(file: String, command: String, arguments: [String])] = [
    ("agilenn-device", "agilenn-device", []),
    ("agilenn-server", "agilenn-server", []),
    ("agilenn-firmware", "agilenn-firmware", []),
    ("agilenn-lab", "agilenn-lab", []),
    ("agilenn-lab-inspect", "agilenn-lab", ["inspect"]),
    ("agilenn-lab-run", "agilenn-lab", ["run"]),
    ("agilenn-lab-plan", "agilenn-lab", ["plan"]),
    ("agilenn-lab-evaluate", "agilenn-lab", ["evaluate"]),
    ("agilenn-lab-bundle-check", "agilenn-lab", ["bundle", "check"]),
    ("agilenn-lab-bundle-update", "agilenn-lab", ["bundle", "update"]),
    ("agilenn-lab-fit-coder", "agilenn-lab", ["fit-coder"]),
    ("agilenn-lab-fit-exits", "agilenn-lab", ["fit-exits"]),
    ("agilenn-lab-search", "agilenn-lab", ["search"]),
    ("agilenn-lab-data", "agilenn-lab", ["data"]),
    ("agilenn-lab-data-check", "agilenn-lab", ["data", "check"]),
    ("agilenn-lab-data-export", "agilenn-lab", ["data", "export"]),
  ]

  @Test(arguments: pages.indices)
  func equalsTheCommittedText(page: Int) async throws {
    let (file, name, arguments) = Self.pages[page]
    var command = Command(name)
    command.arguments = arguments + ["--help"]
    let result = try await command.run()
    let committed = try String(
      contentsOf: Repository.root.appendingPathComponent("Tests/CommandLineTests/Help/\(file).txt"),
      encoding: .utf8)
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    #expect(
      result.output == committed,
      """
      if the new text is right: COLUMNS=80 \(name) \(command.arguments.joined(separator: " ")) \
      > Tests/CommandLineTests/Help/\(file).txt
      """)
  }
}
