/// A board's limits and currents, from `Config/boards/NAME.yaml`.
public struct BoardProfile: Equatable, Sendable {
  public let name: String
  /// Bytes of SRAM, all of them in one space.
  public let sramBytes: Int
  /// Bytes of flash.
  public let flashBytes: Int
  /// The clocks that the core can run at, MHz.
  public let clockRange: ClosedRange<Double>
  /// What the device program takes for itself.
  public let program: ProgramFootprint
  /// The core's run current by clock.
  public let chipEnergy: ChipEnergy
  /// The power of a whole board.
  public let boardEnergy: BoardEnergy

  /// - Parameter firmware: gives the file that the firmware's own figures are in.
  init(
    reading file: ConfigNode, firmware: () throws(ConfigError) -> ConfigNode
  ) throws(ConfigError) {
    let keys = try file.mapping(required: ["name", "memory", "clock", "program", "energy"])
    name = try keys.value("name").string()
    let memory = try keys.value("memory").mapping(required: ["sram", "flash"])
    sramBytes = try memory.value("sram").integer(in: 1...(1 << 30))
    flashBytes = try memory.value("flash").integer(in: 1...(1 << 30))
    let clock = try keys.value("clock").mapping(required: ["minimum", "maximum"])
    let slowest = try clock.value("minimum").number(in: 1...10_000)
    let fastest = try clock.value("maximum").number(in: slowest...10_000)
    clockRange = slowest...fastest
    program = try ProgramFootprint(reading: keys.value("program"), firmware: firmware)
    let energy = try keys.value("energy").mapping(required: ["chip", "board"])
    chipEnergy = try ChipEnergy(reading: energy.value("chip"))
    boardEnergy = try BoardEnergy(reading: energy.value("board"))
  }
}
