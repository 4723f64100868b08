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
    let silent = power.energy(microseconds: 1000, sending: 0, receiving: 0)
    #expect(abs(silent.compute - 3.3 * 0.090 * 1000) < 1e-9)
    #expect(abs(silent.radio - 3.3 * 0.015 * 1000) < 1e-9)
    let sending = power.energy(microseconds: 1000, sending: 1000, receiving: 0)
    #expect(abs(sending.radio - 3.3 * 0.140 * 1000) < 1e-9)
    let receiving = power.energy(microseconds: 1000, sending: 0, receiving: 1000)
    #expect(abs(receiving.radio - 3.3 * 0.056 * 1000) < 1e-9)
    #expect(abs(receiving.compute - 3.3 * 0.090 * 1000) < 1e-9)
    // 200 µs up, 100 down, and silence for the rest.
    let mixed = power.energy(microseconds: 1000, sending: 200, receiving: 100)
    #expect(abs(mixed.radio - 3.3 * (0.140 * 200 + 0.056 * 100 + 0.015 * 700)) < 1e-9)
  }

  @Test(arguments: EnergyProfileName.allCases)
  func withoutARadioNothingIsChargedForOne(profile: EnergyProfileName) {
    let power = PowerModel(profile: profile, board: board, radio: nil, megahertz: 216)
    let energy = power.energy(microseconds: 2000, sending: 0, receiving: 0)
    #expect(energy.radio == 0)
    #expect(energy.compute > 0)
  }

  /// What goes on on the air after the answer does not make the silence before it negative.
  @Test func timeDoesNotRunBackwards() {
    let power = PowerModel(profile: .chip, board: board, radio: wifi, megahertz: 216)
    let energy = power.energy(microseconds: 100, sending: 200, receiving: 0)
    #expect(abs(energy.radio - 3.3 * 0.140 * 200) < 1e-9)
    #expect(power.energy(microseconds: -5, sending: 0, receiving: 0) == (0, 0))
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
    let power = PowerModel(profile: .board, board: board, radio: radio, megahertz: 216)
    let energy = power.energy(
      microseconds: (compute + network + remote) * 1000, sending: network * 1000, receiving: 0)
    #expect(abs((energy.compute + energy.radio) / 1000 / millijoules - 1) < 0.05)
  }
}
