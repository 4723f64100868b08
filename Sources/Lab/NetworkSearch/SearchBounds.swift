import Board

/// What a network may take.
public struct SearchBounds: Equatable, Sendable {
  public let milliseconds: Double
  /// Bytes.
  public let sram: Int
  /// Bytes.
  public let flash: Int
  /// Depth over mean width of the network's layers.
  public let effectiveness: Double

  init(reading node: ConfigNode, board: BoardProfile) throws(ConfigError) {
    let keys = try node.mapping(
      required: ["milliseconds"], optional: ["sram", "flash", "effectiveness"])
    milliseconds = try keys.value("milliseconds").number(in: 0.001...1_000_000)
    sram = try keys["sram"]?.integer(in: 1...board.sramBytes) ?? board.sramBytes
    flash = try keys["flash"]?.integer(in: 1...board.flashBytes) ?? board.flashBytes
    effectiveness = try keys["effectiveness"]?.number(in: 0.01...100) ?? 0.5
  }

  func allow(_ cost: ArchitectureCost) -> Bool {
    cost.milliseconds <= milliseconds && cost.sram <= sram && cost.flash <= flash
  }
}
