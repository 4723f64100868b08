import Board

extension RadioProfile {
  /// A radio with a megabit a second up and half of it down, and whatever else is told.
  static func test(
    up: Double = 1e6, down: Double = 5e5, roundTrip: Double = 0, jitter: Double = 0,
    segments: Segmentation = Segmentation(), loss: Loss = Loss(), outages: [Outage] = []
  ) -> RadioProfile {
    RadioProfile(
      name: "test", uplinkBitsPerSecond: up, downlinkBitsPerSecond: down,
      roundTripMicroseconds: roundTrip, jitterMicroseconds: jitter, segments: segments, loss: loss,
      outages: outages,
      module: RadioModule(name: "test", volts: 3.3, idle: 10, transmit: 100, receive: 50))
  }
}
