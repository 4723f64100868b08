import BundleFormat
import DeviceCore
import DeviceKit
import TestBundles
import Testing

/// Budgets and deadlines, on every path: what was sent, and the answer that the oracles have for as much.
@Suite(.enabled(if: SchemeRun.engine != nil, "ONNX Runtime is not installed: scripts/setup run"))
struct LimitTests {
  /// The answer to so many symbols, where no rounding decides it.
  private func expectAnswer(
    _ shown: SchemeRun.Shown, to picture: OracleAnswers.Picture, on path: SchemePath,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let receipt = shown.receipt
    let used = receipt.symbols.used
    #expect(used <= receipt.symbols.sent && receipt.symbols.all == picture.symbolCount)
    #expect(
      receipt.source == (path.path.deviceExits.last?.alpha != nil ? .prefix : .remote),
      sourceLocation: sourceLocation)
    for (mine, theirs) in [
      (receipt.prediction.remote, picture.remote(symbols: used)),
      (receipt.prediction.combined, picture.combined(symbols: used)),
    ] {
      if let theirs { #expect(mine == theirs, sourceLocation: sourceLocation) }
    }
    #expect(shown.ran.map(\.file) == [path.remoteFile], sourceLocation: sourceLocation)
  }

  @Test(arguments: SchemePath.offloading, [11, 31])
  func budgets(_ path: SchemePath, bytes: Int) async throws {
    let run = try await SchemeRun(path.bundle, path: path.path.name) { $0.budget = bytes }
    #expect(run.outcome.summary.missed == 0 && !run.outcome.serverFailed)
    for (shown, picture) in zip(run.shown, path.pictures) {
      let receipt = shown.receipt
      if picture.answer.source == "local" {
        #expect(receipt.source == .local && receipt.bytes.up == 0)
        continue
      }
      let used = receipt.symbols.used
      #expect(receipt.symbols.sent == used && used < picture.symbolCount)
      // As much as the budget allows, and not a byte more.
      #expect(receipt.bytes.payload == picture.payload(symbols: used))
      #expect(receipt.bytes.payload <= bytes && picture.payload(symbols: used + 1) > bytes)
      expectAnswer(shown, to: picture, on: path)
    }
  }

  @Test(arguments: SchemePath.all)
  func noBudgetAtAll(_ path: SchemePath) async throws {
    let run =
      try await path.path.remote == nil
      ? SchemeRun(withoutServer: path.bundle) { $0.budget = 0 }
      : SchemeRun(path.bundle, path: path.path.name) { $0.budget = 0 }
    for (shown, picture) in zip(run.shown, path.pictures) {
      let exit = path.exit(picture)
      #expect(shown.receipt.source == (exit == nil ? .none : .local))
      #expect(shown.receipt.answer == exit?.label)
      #expect(shown.receipt.bytes.up == 0 && shown.ran.isEmpty)
    }
    #expect(
      run.outcome.summary.missed == (path.path.deviceExits.isEmpty ? path.pictures.count : 0))
  }

  /// No time at all: an answer of the device's own comes late, and another's does not come.
  @Test(arguments: SchemePath.all)
  func noTime(_ path: SchemePath) async throws {
    let run =
      try await path.path.remote == nil
      ? SchemeRun(withoutServer: path.bundle) { $0.deadline = 0 }
      : SchemeRun(path.bundle, path: path.path.name) { $0.deadline = 0 }
    for (shown, picture) in zip(run.shown, path.pictures) {
      let exit = path.exit(picture)
      #expect(shown.receipt.source == (exit == nil ? .none : .local))
      #expect(shown.receipt.answer == exit?.label)
      #expect(shown.receipt.deadlineMicroseconds == 0)
    }
    #expect(run.outcome.summary.missed == path.pictures.count)
  }

  /// Time for everything: the answers are those without a deadline.
  @Test(arguments: SchemePath.offloading)
  func timeEnough(_ path: SchemePath) async throws {
    let run = try await SchemeRun(path.bundle, path: path.path.name) { $0.deadline = 10_000_000 }
    #expect(run.receipts.map(\.source.rawValue) == path.pictures.map(\.answer.source))
    #expect(run.receipts.map(\.answer) == path.pictures.map(\.answer.label))
    #expect(run.outcome.summary.missed == 0)
  }

  /// A server that is too slow for the deadline: the device's own answer in time, where it has one.
  @Test(arguments: SchemePath.offloading)
  func aServerThatIsTooSlow(_ path: SchemePath) async throws {
    let run = try await SchemeRun(path.bundle, path: path.path.name, serverTime: 60_000) {
      $0.deadline = 20_000
    }
    for (receipt, picture) in zip(run.receipts, path.pictures) {
      let exit = path.exit(picture)
      #expect(receipt.source == (exit == nil ? .none : .local))
      #expect(receipt.answer == exit?.label)
      #expect(receipt.totalMicroseconds <= 20_000)
    }
    #expect(
      run.outcome.summary.missed == (path.path.deviceExits.isEmpty ? path.pictures.count : 0))
  }

  /// A link too slow for all of the image: the deadline holds, and the answer, if there is one, is that
  /// to the part that came.
  @Test func aLinkThatIsTooSlow() async throws {
    for path in [try SchemePath(.edgeOnly, "remote"), try SchemePath(.spinn, "whole")] {
      let run = try await SchemeRun(path.bundle, path: path.path.name, radio: "ble-270kbps") {
        $0.deadline = 30_000
      }
      for (shown, picture) in zip(run.shown, path.pictures) {
        #expect(shown.receipt.symbols.sent > 0)
        #expect(shown.receipt.symbols.sent < picture.symbolCount)
        #expect(shown.receipt.totalMicroseconds <= 30_000)
        if shown.receipt.source != .none { expectAnswer(shown, to: picture, on: path) }
      }
      #expect(run.outcome.summary.missed == run.outcome.summary.count(of: .none))
      // The first answer is late, and says how long one takes: from then on a first part is in time.
      #expect(run.shown.first?.receipt.source == Receipt.Source.none)
      #expect(run.outcome.summary.count(of: .remote) + run.outcome.summary.count(of: .prefix) >= 8)
    }
  }
}
