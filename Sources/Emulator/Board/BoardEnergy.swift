/// The power that a whole board draws, in watts, as measurements of a complete device imply.
public struct BoardEnergy: Equatable, Sendable {
  /// With no radio module on it, computing or waiting.
  public let base: Double
  /// What a radio module adds: powered but silent, sending, receiving.
  public let radioIdle: Double
  public let radioTransmit: Double
  public let radioReceive: Double

  init(reading node: ConfigNode) throws(ConfigError) {
    let keys = try node.mapping(
      required: ["base", "radioIdle", "radioTransmit", "radioReceive"])
    base = try keys.value("base").number(in: 0...1000)
    radioIdle = try keys.value("radioIdle").number(in: 0...1000)
    radioTransmit = try keys.value("radioTransmit").number(in: 0...1000)
    radioReceive = try keys.value("radioReceive").number(in: 0...1000)
  }
}
