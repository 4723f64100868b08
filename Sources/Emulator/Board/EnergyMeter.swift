/// Which power figures an inference is charged by.
public enum EnergyProfileName: String, CaseIterable, Sendable {
  /// The core and the radio module alone, by their data sheets.
  case chip
  /// The whole board, as the paper's measurements imply.
  case board
}

/// The power of the processor and of the radio module in each stage, in watts.
public struct PowerModel: Equatable, Sendable {
  public let processor: Double
  public let radioIdle: Double
  public let radioTransmit: Double
  public let radioReceive: Double

  /// - Parameters:
  ///   - radio: nil where the device has no radio module powered; then it draws nothing.
  public init(
    profile: EnergyProfileName, board: BoardProfile, radio: RadioProfile?, megahertz: Double
  ) {
    switch profile {
    case .chip:
      let chip = board.chipEnergy
      processor = chip.volts * chip.runCurrent(megahertz: megahertz) / 1000
      radioIdle = radio.map { $0.module.watts($0.module.idle) } ?? 0
      radioTransmit = radio.map { $0.module.watts($0.module.transmit) } ?? 0
      radioReceive = radio.map { $0.module.watts($0.module.receive) } ?? 0
    case .board:
      processor = board.boardEnergy.base
      radioIdle = radio == nil ? 0 : board.boardEnergy.radioIdle
      radioTransmit = radio == nil ? 0 : board.boardEnergy.radioTransmit
      radioReceive = radio == nil ? 0 : board.boardEnergy.radioReceive
    }
  }
}

/// Adds up the energy of an inference in microjoules, which is watts times microseconds.
///
/// The processor draws its run current in every stage, for it drives the radio module and then
/// polls it; the radio module draws its idle current while the processor computes or waits.
public struct EnergyMeter: Equatable, Sendable {
  public let power: PowerModel
  /// The processor's (and, in the board profile, all the rest of the board's) energy, µJ.
  public private(set) var computeMicrojoules = 0.0
  /// The radio module's energy, µJ.
  public private(set) var radioMicrojoules = 0.0

  public var totalMicrojoules: Double { computeMicrojoules + radioMicrojoules }

  public init(power: PowerModel) {
    self.power = power
  }

  /// The processor works; the radio is silent.
  public mutating func compute(microseconds: Double) {
    add(microseconds, radio: power.radioIdle)
  }

  /// Bits are on the air towards the server.
  public mutating func transmit(microseconds: Double) {
    add(microseconds, radio: power.radioTransmit)
  }

  /// Bits are on the air towards the device.
  public mutating func receive(microseconds: Double) {
    add(microseconds, radio: power.radioReceive)
  }

  /// The device waits for the server, the round trip or the end of an outage.
  public mutating func wait(microseconds: Double) {
    add(microseconds, radio: power.radioIdle)
  }

  /// Forgets what was added, for the next inference.
  public mutating func reset() {
    computeMicrojoules = 0
    radioMicrojoules = 0
  }

  private mutating func add(_ microseconds: Double, radio: Double) {
    let elapsed = max(0, microseconds)
    computeMicrojoules += power.processor * elapsed
    radioMicrojoules += radio * elapsed
  }
}
