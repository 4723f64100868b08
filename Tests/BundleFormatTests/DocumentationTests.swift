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
    #expect(manifest.symbols?.tables[0].valueOf == [0, 0.41])
    #expect(manifest.trained?.accuracy?.keys.sorted() == ["float", "int8"])
    let object = try JSONSerialization.jsonObject(with: examples[0]) as? [String: Any]
    #expect(
      Set(object?.keys.map { $0 } ?? [])
        == Set(BundleManifest.CodingKeys.allCases.map(\.stringValue)))
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
    #expect(page.contains("a device graph longer than 2 MiB, a remote graph longer than 64 MiB"))
  }
}
