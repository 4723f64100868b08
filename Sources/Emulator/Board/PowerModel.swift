/// Which power figures an inference is charged by.
public enum EnergyProfileName: String, CaseIterable, Sendable {
  /// The core and the radio module alone, by their data sheets.
  case chip
  /// The whole board, as the paper's measurements imply.
  case board
}

/// The power of the processor and of the radio module in each of their states, in watts.
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

extension PowerModel {
  /// The energy of an inference in microjoules, which is watts times microseconds: each lane's power
  /// in each of its states, over the time that it is in it.
  ///
  /// The processor draws its run current all the time: it computes, or it drives the radio module
  /// and polls it. The radio module draws its idle current while it neither sends nor receives.
  ///
  /// - Parameters:
  ///   - total: from the image to the answer, µs.
  ///   - sending: of it, bits are on the air towards the server.
  ///   - receiving: of it, bits are on the air towards the device.
  public func energy(
    microseconds total: Double, sending: Double, receiving: Double
  ) -> (compute: Double, radio: Double) {
    let idle = max(0, total - sending - receiving)
    return (
      processor * max(0, total),
      radioTransmit * sending + radioReceive * receiving + radioIdle * idle
    )
  }
}
