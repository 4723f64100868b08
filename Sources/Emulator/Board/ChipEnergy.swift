/// The core's supply voltage and its run current by clock, as a data sheet gives them.
public struct ChipEnergy: Equatable, Sendable {
  public let volts: Double
  /// Clock in MHz and current in mA, by rising clock; at least one.
  public let runCurrents: [(megahertz: Double, milliamperes: Double)]

  public static func == (a: ChipEnergy, b: ChipEnergy) -> Bool {
    a.volts == b.volts && a.runCurrents.elementsEqual(b.runCurrents, by: ==)
  }

  init(reading node: ConfigNode) throws(ConfigError) {
    let keys = try node.mapping(required: ["volts", "run"])
    volts = try keys.value("volts").number(in: 0.1...100)
    var currents: [(megahertz: Double, milliamperes: Double)] = []
    for entry in try keys.value("run").sequence() {
      let pair = try entry.mapping(required: ["megahertz", "milliamperes"])
      let megahertz = try pair.value("megahertz").number(in: 0...10_000)
      let milliamperes = try pair.value("milliamperes").number(in: 0...100_000)
      if let last = currents.last, megahertz <= last.megahertz {
        throw entry.malformed("the clocks must rise")
      }
      currents.append((megahertz, milliamperes))
    }
    guard !currents.isEmpty else {
      throw keys.value("run").malformed("at least one clock and its current is needed")
    }
    runCurrents = currents
  }

  /// The run current at a clock in mA: a straight line between the data sheet's two neighbours,
  /// the nearest one's beyond its ends.
  public func runCurrent(megahertz: Double) -> Double {
    guard let first = runCurrents.first, let last = runCurrents.last else { return 0 }
    if megahertz <= first.megahertz { return first.milliamperes }
    for (low, high) in zip(runCurrents, runCurrents.dropFirst()) where megahertz <= high.megahertz {
      let share = (megahertz - low.megahertz) / (high.megahertz - low.megahertz)
      return low.milliamperes + share * (high.milliamperes - low.milliamperes)
    }
    return last.milliamperes
  }
}
