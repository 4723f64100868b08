import Foundation
import Testing

@testable import BundleFormat

/// What `docs/bundle.md` shows is what is read.
@Suite struct DocumentationTests {
  /// The JSON blocks of the page.
  let examples: [Data]
  let page: String

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    page = try String(contentsOf: root.appending(path: "docs/bundle.md"), encoding: .utf8)
    examples = page.components(separatedBy: "```json\n").dropFirst().compactMap { block in
      block.components(separatedBy: "```").first.map { Data($0.utf8) }
    }
  }

  @Test func theWholeExampleHasEveryKey() throws {
    let manifest = try JSONDecoder().decode(BundleManifest.self, from: try #require(examples.first))
    #expect(manifest.paths[0].send?.symbols[0].valueOf == [0, 0.41])
    #expect(manifest.trained?.accuracy?.keys.sorted() == ["float", "int8"])
    let root = try #require(
      try JSONSerialization.jsonObject(with: examples[0]) as? [String: Any])
    let path = try #require((root["paths"] as? [[String: Any]])?.first)
    let send = try #require((path["sends"] as? [[String: Any]])?.first)
    let exit = try #require((path["exits"] as? [[String: Any]])?.first)
    #expect(Set(root.keys) == names(of: BundleManifest.CodingKeys.self))
    // Only a path without a device graph has a codec.
    #expect(
      Set(path.keys) == names(of: BundleManifest.Path.CodingKeys.self).subtracting(["codec"]))
    #expect(Set(send.keys) == names(of: BundleManifest.Send.CodingKeys.self))
    #expect(Set(exit.keys) == names(of: BundleManifest.Exit.CodingKeys.self))
  }

  private func names<Key: CodingKey & CaseIterable>(of keys: Key.Type) -> Set<String> {
    Set(keys.allCases.map(\.stringValue))
  }

  @Test func everyNameIsExplained() {
    let names =
      BundleManifest.Scheme.allCases.map(\.rawValue)
      + BundleManifest.CoderName.allCases.map(\.rawValue)
      + BundleManifest.CodecName.allCases.map(\.rawValue)
      + BundleManifest.Place.allCases.map(\.rawValue)
    let unexplained = names.filter { !page.contains("`\($0)`") }
    #expect(unexplained.isEmpty)
    #expect(page.contains("| `format` | needed | \(BundleManifest.currentFormat)."))
  }

  @Test func theShortExamplesAreGood() throws {
    #expect(examples.count == 3)
    for example in examples.dropFirst() {
      try JSONDecoder().decode(BundleManifest.self, from: example).check()
    }
  }

  @Test func theSizeLimitsArePrinted() {
    #expect(BundleFolder.Kind.manifest.byteLimit == 4 << 20)
    #expect(page.contains("`bundle.json` longer than 4 MiB"))
    #expect(BundleFolder.Kind.device.byteLimit == 2 << 20)
    #expect(BundleFolder.Kind.remote.byteLimit == 64 << 20)
    #expect(BundleFolder.Kind.coderTables.byteLimit == 1 << 20)
    #expect(
      page.contains(
        "a device graph longer than 2 MiB, a remote graph longer than 64 MiB, coder tables longer "
          + "than 1 MiB"))
  }
}
