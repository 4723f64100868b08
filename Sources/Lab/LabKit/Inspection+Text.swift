import Board
import Foundation
import PlanCompiler
import Report

extension Inspection {
  /// The same for people.
  public var text: String {
    let names = cost.presets.map(\.name)
    var operators = TextTable(header: ["operator", "MACs"] + names.map { $0 + ", cycles" })
    for row in cost.operators {
      operators.add(["\(row.index) \(row.name)", "\(row.macs)"] + row.cycles.map { "\($0)" })
    }
    operators.add(["all", "\(cost.macs)"] + cost.cycles.map { "\($0)" })
    operators.add(
      ["ms at \(Self.short(cost.megahertz)) MHz", ""]
        + cost.milliseconds.map { String(format: "%.3f", $0) })

    var arena = TextTable(header: ["arena", "offset", "bytes", "operators"])
    for tenant in plan.arenaTenants {
      arena.add([
        Self.short(tenant.name), "\(tenant.offset)", "\(tenant.byteCount)",
        "\(tenant.firstOperator)...\(tenant.lastOperator)",
      ])
    }
    let verdict =
      memory.fits
      ? "fits" : "does not fit"
    return """
      \(title)

      \(operators.text)
      \(arena.text)
      SRAM
      \(memory.map)

      flash: \(memory.flash) of \(memory.flashCapacity) bytes
      SRAM at its peak: \(memory.sramPeak) of \(memory.sramCapacity) bytes
      The model \(verdict).

      """
  }

  /// Converters fuse names into chains of hundreds of characters; their ends tell them apart.
  private static func short(_ name: String) -> String {
    name.count <= 48 ? name : "…" + name.suffix(47)
  }

  private static func short(_ megahertz: Double) -> String {
    megahertz == megahertz.rounded() ? String(Int(megahertz)) : String(megahertz)
  }
}
