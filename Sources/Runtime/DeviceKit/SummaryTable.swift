import Board
public import BundleFormat
import DeviceCore
import Foundation

/// The table that a run ends with: accuracy, time by stage, bytes, energy, memory.
public struct SummaryTable {
  private static let labels: [Span.Stage: String] = [
    .extract: "extract", .code: "quantise, code", .uplink: "uplink", .flight: "on the way",
    .local: "local network", .ask: "confidence", .queue: "server: queue",
    .decode: "server: decode", .run: "server: run", .downlink: "downlink", .combine: "combine",
  ]

  private let summary: ReceiptSummary
  private let bundle: ModelBundle
  private let settings: DeviceRun.Settings
  private let imagesPerSecond: Double

  public init(bundle: ModelBundle, outcome: DeviceRun.Outcome, settings: DeviceRun.Settings) {
    self.bundle = bundle
    self.settings = settings
    summary = outcome.summary
    imagesPerSecond = outcome.imagesPerSecond
  }

  /// The table, its lines ended by line feeds.
  public var text: String {
    var rows = heading + [""] + accuracyRows + [""]
    rows.append(Self.row("mean time", "ms") + "   of it waited for")
    for stage in summary.stages {
      rows.append(
        Self.row("  " + (Self.labels[stage] ?? ""), milliseconds(summary.mean(stage)))
          + "   " + milliseconds(summary.meanCritical(stage)))
    }
    rows.append(Self.row("  end to end", milliseconds(summary.mean(.total))))
    rows.append(
      Self.row("  half of them within", milliseconds(Double(summary.quantile(0.5)))))
    rows.append(
      Self.row("  99 of 100 within", milliseconds(Double(summary.quantile(0.99)))))
    rows.append("")
    rows.append(Self.row("mean bytes", "B"))
    rows.append(Self.row("  features, coded", Self.decimal(summary.mean(.payload), 1)))
    rows.append(Self.row("  sent", Self.decimal(summary.mean(.up), 1)))
    rows.append(Self.row("  received", Self.decimal(summary.mean(.down), 1)))
    rows.append("")
    rows.append(Self.row("mean energy", "mJ"))
    rows.append(Self.row("  compute", millijoules(.compute)))
    rows.append(Self.row("  radio", millijoules(.radio)))
    rows.append(Self.row("  total", millijoules(.energy)))
    rows.append("")
    rows.append(memoryRow("SRAM at its peak", .sramPeak, of: settings.board.sramBytes))
    rows.append(memoryRow("flash", .flash, of: settings.board.flashBytes))
    return rows.map { $0 + "\n" }.joined()
  }

  private var heading: [String] {
    let clock = settings.megahertz ?? settings.board.clockRange.upperBound
    let radio = settings.radio?.name ?? "unshaped link"
    let lines = [
      "\(bundle.manifest.scheme.rawValue) for \(bundle.manifest.dataset) on \(settings.board.name)",
      "\(Self.decimal(clock, 0)) MHz, kernels \(settings.kernels.name), \(radio), "
        + "energy of the \(settings.energy.rawValue), \(settings.time.rawValue) time, "
        + "\(Self.decimal(imagesPerSecond, 0)) images a second",
    ]
    guard bundle.manifest.hasServerHalf, let time = settings.serverTime.pinnedMicroseconds else {
      return lines
    }
    return lines + ["server \(milliseconds(Double(time))) ms for each request"]
  }

  private var accuracyRows: [String] {
    var rows = [Self.row("images", String(summary.images))]
    let local = summary.count(of: .local)
    let sources = [
      (Receipt.Source.prefix, "  combined with a part of the symbols"),
      (.local, "  answered by the local network alone"), (.none, "  not answered"),
    ]
    for (source, name) in sources where summary.count(of: source) > 0 {
      rows.append(Self.row(name, String(summary.count(of: source))))
    }
    if settings.device.deadline != nil {
      rows.append(Self.row("  after the deadline", String(summary.missed)))
    }
    let tallies = [
      ("combined", summary.combined), ("local alone", summary.local),
      ("remote alone", summary.remote),
    ]
    guard summary.answered.judged > 0 else { return rows }
    rows.append(Self.row("accuracy", "%"))
    for (name, tally) in tallies {
      rows.append(Self.row("  " + name, tally.accuracy.map { Self.decimal($0, 2) } ?? "-"))
    }
    if local > 0 && local < summary.images, let accuracy = summary.answered.accuracy {
      rows.append(Self.row("  as answered", Self.decimal(accuracy, 2)))
    }
    return rows
  }

  private func milliseconds(_ microseconds: Double) -> String {
    Self.decimal(microseconds / 1000, 3)
  }

  private func millijoules(_ field: ReceiptField) -> String {
    Self.decimal(summary.mean(field) / 1000, 3)
  }

  private func memoryRow(_ name: String, _ field: ReceiptField, of budget: Int) -> String {
    let bytes = Int(summary.mean(field).rounded())
    let share = budget > 0 ? Self.decimal(100 * Double(bytes) / Double(budget), 1) : "-"
    return Self.row(name, "\(bytes)") + " of \(budget) B (\(share) %)"
  }

  private static func row(_ name: String, _ value: String) -> String {
    name.padding(toLength: 38, withPad: " ", startingAt: 0)
      + String(repeating: " ", count: max(0, 10 - value.count)) + value
  }

  private static func decimal(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }
}
