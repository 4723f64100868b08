import BundleFormat
import DeviceCore
import DeviceKit
import TestBundles
import Testing

/// Every path of every scheme, from the picture over the server to the answer, is what LiteRT, ONNX
/// Runtime and numpy make of it.
@Suite(.enabled(if: SchemeRun.engine != nil, "ONNX Runtime is not installed: scripts/setup run"))
struct OracleAnswerTests {
  @Test func everySchemeAndPathIsHere() {
    #expect(
      SchemePath.all.map(\.testDescription) == [
        "mcunet/local", "edge-only/remote", "deepcod/offload", "spinn/whole", "spinn/shallow",
        "spinn/deep",
      ])
    for path in SchemePath.all {
      #expect(path.pictures.count == 12 && Repository.pictures.count == 12)
      // Answers that are all alike would show little.
      #expect(Set(path.pictures.map(\.answer.label)).count >= 4, "\(path.testDescription)")
    }
  }

  @Test(arguments: SchemePath.all)
  func answers(_ path: SchemePath) async throws {
    let run = try await Self.run(path, named: path.path.name)
    #expect(run.warnings.isEmpty && !run.outcome.serverFailed && run.outcome.summary.missed == 0)
    try #require(run.shown.count == path.pictures.count)
    for (index, (shown, picture)) in zip(run.shown, path.pictures).enumerated() {
      let receipt = shown.receipt
      let answer = picture.answer
      #expect(receipt.source.rawValue == answer.source, "picture \(index)")
      #expect(receipt.answer == answer.label, "picture \(index)")
      #expect(receipt.prediction.local == path.exit(picture)?.label, "picture \(index)")
      #expect(receipt.bytes.payload == answer.payload, "picture \(index)")
      #expect(receipt.bytes.up == answer.up && receipt.bytes.down == answer.down)
      guard answer.source != "local" else {
        #expect(receipt.symbols == .init() && shown.ran.isEmpty)
        #expect(receipt.prediction.remote == nil && receipt.prediction.combined == nil)
        continue
      }
      let all = picture.symbolCount
      #expect(receipt.symbols == .init(sent: all, used: all, all: all))
      #expect(receipt.prediction.remote == picture.remote(symbols: all), "picture \(index)")
      #expect(receipt.prediction.combined == picture.combined(symbols: all), "picture \(index)")
      // The path's own graph ran, on the very features that numpy has.
      #expect(shown.ran.map(\.file) == [path.remoteFile], "picture \(index)")
      #expect(
        shown.ran.map { SchemePath.digest($0.features) } == [picture.features], "picture \(index)")
    }
  }

  /// Which path a scheme takes of its own accord: the receipts are those of that path.
  @Test(arguments: [
    ("mcunet", "local"), ("edge-only", "remote"), ("deepcod", "offload"),
  ])
  func thePathThatTheSchemeTakes(bundle: String, path: String) async throws {
    let path = try SchemePath(FixtureBundle(bundle), path)
    let (chosen, forced) = (
      try await Self.run(path, named: nil), try await Self.run(path, named: path.path.name)
    )
    #expect(chosen.receipts == forced.receipts)
    #expect(chosen.shown.map { $0.ran.map(\.file) } == forced.shown.map { $0.ran.map(\.file) })
  }

  /// SPINN tries each cut, then stays with one; over a slow link one that sends less than the image. Whichever
  /// it takes, the answers are that path's.
  @Test(arguments: ["wifi-6mbps", "ble-270kbps"])
  func spinnChoosesAmongItsCuts(radio: String) async throws {
    let paths = try ["whole", "shallow", "deep"].map { try SchemePath(.spinn, $0) }
    let run = try await SchemeRun(FixtureBundle.spinn, radio: radio) { $0.target = .accuracy }
    let files = run.shown.map { $0.ran.first?.file }
    for (index, shown) in run.shown.enumerated() {
      let path = try #require(paths.first { $0.remoteFile == files[index] })
      #expect(shown.receipt.symbols.all == path.pictures[index].symbolCount)
      if let label = path.pictures[index].remote(symbols: shown.receipt.symbols.used) {
        #expect(shown.receipt.prediction.remote == label)
      }
    }
    let last = files.suffix(4)
    #expect(Set(last).count == 1)
    if radio == "ble-270kbps" { #expect(last.first != "image.onnx") }
  }

  /// SPINN's exits answer where they are sure and are passed where they are not, on either path.
  @Test(arguments: ["shallow", "deep"])
  func exitsAnswerWhenSure(name: String) async throws {
    let path = try SchemePath(.spinn, name)
    let run = try await Self.run(path, named: name)
    var early = 0
    for (receipt, picture) in zip(run.receipts, path.pictures) {
      let isSure = zip(path.path.deviceExits, picture.exits).contains { exit, found in
        exit.threshold.map { found.confidence >= Double($0) } ?? false
      }
      #expect((receipt.source == .local) == isSure)
      #expect((receipt.bytes.up == 0) == isSure)
      #expect(receipt.microseconds(in: .ask) > 0)
      early += isSure ? 1 : 0
    }
    #expect(early > 0 && early < run.receipts.count)
    #expect(path.path.deviceExits.count == (name == "deep" ? 2 : 1))
  }

  /// A path that no server is needed for has none to run against.
  private static func run(_ path: SchemePath, named name: String?) async throws -> SchemeRun {
    path.bundle.name == FixtureBundle.mcunet.name
      ? try await SchemeRun(withoutServer: path.bundle, path: name)
      : try await SchemeRun(path.bundle, path: name)
  }
}
