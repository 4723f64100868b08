/// A radio module's supply voltage and its currents in milliamperes, from its data sheet.
public struct RadioModule: Equatable, Sendable {
  public let name: String
  public let volts: Double
  /// On but neither sending nor receiving.
  public let idle: Double
  public let transmit: Double
  public let receive: Double

  public init(name: String, volts: Double, idle: Double, transmit: Double, receive: Double) {
    self.name = name
    self.volts = volts
    self.idle = idle
    self.transmit = transmit
    self.receive = receive
  }

  init(reading node: ConfigNode) throws(ConfigError) {
    let keys = try node.mapping(required: ["name", "volts", "idle", "transmit", "receive"])
    name = try keys.value("name").string()
    volts = try keys.value("volts").number(in: 0.1...100)
    idle = try keys.value("idle").number(in: 0...100_000)
    transmit = try keys.value("transmit").number(in: 0...100_000)
    receive = try keys.value("receive").number(in: 0...100_000)
  }

  func watts(_ milliamperes: Double) -> Double {
    volts * milliamperes / 1000
  }
}
