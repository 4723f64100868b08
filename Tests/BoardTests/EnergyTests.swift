import Testing

@testable import Board

struct EnergyTests {
  private let board: BoardProfile
  private let wifi: RadioProfile

  init() throws {
    let store = try ConfigStore.locate()
    board = try store.board("stm32f746")
    wifi = try #require(try store.radio("wifi-6mbps"))
  }

  @Test(arguments: [
    (216, 90), (200, 84), (64, 23 + 4.0 / 84 * 28), (102, 37), (25, 11), (10, 11), (300, 90),
  ])
  func runCurrentIsInterpolatedBetweenTheDataSheetsClocks(megahertz: Double, milliamperes: Double) {
    #expect(abs(board.chipEnergy.runCurrent(megahertz: megahertz) - milliamperes) < 1e-9)
  }

  @Test func theChipProfileIsVoltsTimesAmperes() {
    let power = PowerModel(profile: .chip, board: board, radio: wifi, megahertz: 216)
    var meter = EnergyMeter(power: power)
    meter.compute(microseconds: 1000)
    #expect(abs(meter.computeMicrojoules - 3.3 * 0.090 * 1000) < 1e-9)
    #expect(abs(meter.radioMicrojoules - 3.3 * 0.015 * 1000) < 1e-9)
    meter.reset()
    meter.transmit(microseconds: 1000)
    #expect(abs(meter.radioMicrojoules - 3.3 * 0.140 * 1000) < 1e-9)
    meter.reset()
    meter.receive(microseconds: 1000)
    #expect(abs(meter.radioMicrojoules - 3.3 * 0.056 * 1000) < 1e-9)
    #expect(abs(meter.totalMicrojoules - 3.3 * (0.090 + 0.056) * 1000) < 1e-9)
  }

  @Test(arguments: EnergyProfileName.allCases)
  func withoutARadioNothingIsChargedForOne(profile: EnergyProfileName) {
    let power = PowerModel(profile: profile, board: board, radio: nil, megahertz: 216)
    var meter = EnergyMeter(power: power)
    meter.compute(microseconds: 1000)
    meter.wait(microseconds: 1000)
    #expect(meter.radioMicrojoules == 0)
    #expect(meter.computeMicrojoules > 0)
  }

  @Test func timeDoesNotRunBackwards() {
    let power = PowerModel(profile: .chip, board: board, radio: wifi, megahertz: 216)
    var meter = EnergyMeter(power: power)
    meter.wait(microseconds: -5)
    #expect(meter.totalMicrojoules == 0)
  }

  /// The paper's energy bars for CIFAR-100 in mJ, from its stage times in ms (local and compressor,
  /// network, remote).
  @Test(arguments: [
    (18.0, 5.4, 0.7, 66.5), (52.0, 6.3, 2.0, 175.3), (70.0, 7.8, 1.0, 230.4),
    (311.0, 0.0, 0.0, 643.6),
  ])
  func theBoardProfileGivesThePapersBars(
    compute: Double, network: Double, remote: Double, millijoules: Double
  ) {
    let radio = network > 0 ? wifi : nil
    var meter = EnergyMeter(
      power: PowerModel(profile: .board, board: board, radio: radio, megahertz: 216))
    meter.compute(microseconds: compute * 1000)
    meter.transmit(microseconds: network * 1000)
    meter.wait(microseconds: remote * 1000)
    #expect(abs(meter.totalMicrojoules / 1000 / millijoules - 1) < 0.05)
  }
}
