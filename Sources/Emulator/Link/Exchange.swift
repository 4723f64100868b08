import Board

/// A frame sent and its answer, with the emulated time that each part took.
public struct Exchange: Equatable, Sendable {
  /// The answer, header and body.
  public let reply: [UInt8]
  /// How long the answer took on the wall clock; the emulated radio has no part in it.
  public let elapsedMicroseconds: Double
  public let uplinkMicroseconds: Double
  public let serverMicroseconds: Double
  public let downlinkMicroseconds: Double
  /// The part of the uplink that the radio sends; the rest is waiting. 0 on an unshaped link.
  public let uplinkAirMicroseconds: Double
  /// The part of the downlink that the radio receives.
  public let downlinkAirMicroseconds: Double

  /// From the first bit sent to the last one received.
  public var totalMicroseconds: Double {
    uplinkMicroseconds + serverMicroseconds + downlinkMicroseconds
  }

  /// Charges the energy of the exchange.
  public func charge(to meter: inout EnergyMeter) {
    meter.transmit(microseconds: uplinkAirMicroseconds)
    meter.wait(
      microseconds: totalMicroseconds - uplinkAirMicroseconds - downlinkAirMicroseconds)
    meter.receive(microseconds: downlinkAirMicroseconds)
  }
}
