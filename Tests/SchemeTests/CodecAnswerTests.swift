import BundleFormat
import DeviceCore
import DeviceKit
import Foundation
import TestBundles
import Testing

/// Pictures that are sent as JPEG, PNG and WebP reach the network as Pillow decodes them.
@Suite(.enabled(if: SchemeRun.engine != nil, "ONNX Runtime is not installed: scripts/setup run"))
struct CodecAnswerTests {
  /// What the oracle has for one codec (`Tests/Fixtures/codec_answers.py`).
  struct Row: Decodable, CustomTestStringConvertible, Sendable {
    let codec: BundleManifest.Codec
    let payloads: [Int]?
    let features: [String]?
    let remote: [Int?]

    var testDescription: String { "\(codec.name.rawValue) \(codec.quality ?? 0)" }
  }

  static let rows: [Row] = {
    let file = Repository.fixtures.appendingPathComponent("answers/codecs.json")
    return (try? JSONDecoder().decode([Row].self, from: Data(contentsOf: file))) ?? []
  }()

  /// The bundle edge-only with another codec.
  static func run(
    _ codec: BundleManifest.Codec, _ change: (inout DeviceSettings) -> Void = { _ in }
  ) async throws -> SchemeRun {
    try await FixtureBundle.edgeOnly.edited { manifest in
      manifest.changeEach("paths") { path in
        var entry: [String: Any] = ["name": codec.name.rawValue]
        entry["quality"] = codec.quality
        entry["chroma"] = codec.chroma?.rawValue
        path["codec"] = entry
        path.changeEach("sends") { $0["missing"] = nil }
      }
    } then: { bundle in
      try await SchemeRun(bundle, path: nil, change)
    }
  }

  @Test func everyCodecIsHere() {
    #expect(Set(Self.rows.map(\.codec.name)) == [.jpeg, .png, .webp])
  }

  @Test(arguments: rows) func answers(_ row: Row) async throws {
    let run = try await Self.run(row.codec)
    #expect(run.outcome.summary.missed == 0 && !run.outcome.serverFailed)
    #expect(run.shown.count == row.remote.count)
    for (index, shown) in run.shown.enumerated() {
      let receipt = shown.receipt
      #expect(receipt.source == .remote)
      if let label = row.remote[index] { #expect(receipt.answer == label) }
      if let payloads = row.payloads { #expect(receipt.bytes.payload == payloads[index]) }
      if let features = row.features {
        #expect(try SchemePath.digest(#require(shown.ran.first).features) == features[index])
      }
      #expect(receipt.symbols.used == receipt.symbols.all && receipt.symbols.all > 0)
      // The chip's own work takes its time; the host's is not charged.
      let coding = receipt.spans.filter { $0.stage == .code }
        .reduce(0) { $0 + Int($1.end) - Int($1.start) }
      let framing = 60 * (receipt.bytes.payload / 256 + 1)
      #expect(row.codec.isHosts ? coding < framing : coding > framing, "\(coding) µs")
    }
  }

  /// A JPEG is cut behind a unit, a file is sent whole or not at all.
  @Test(arguments: rows, [0, 40, 90])
  func budgets(_ row: Row, bytes: Int) async throws {
    let run = try await Self.run(row.codec) { $0.budget = bytes }
    for shown in run.shown {
      let receipt = shown.receipt
      #expect(receipt.bytes.payload <= bytes)
      let isWhole = receipt.symbols.used == receipt.symbols.all && receipt.symbols.all > 0
      let expected: Receipt.Source = receipt.symbols.sent == 0 ? .none : .remote
      #expect(receipt.source == expected)
      if row.codec.isHosts { #expect(isWhole || receipt.bytes.up == 0) }
    }
  }
}
