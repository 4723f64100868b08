import MCUKernels
import Testing

@testable import Board

struct BoardTests {
  private let store: ConfigStore

  init() throws {
    store = try ConfigStore.locate()
  }

  private func board(megahertz: Double? = nil) throws -> Board {
    try Board(
      profile: store.board("stm32f746"), preset: store.kernels("cmsis-nn"), megahertz: megahertz)
  }

  @Test func aNewBoardHoldsTheProgramAlone() throws {
    let board = try board()
    #expect(board.sram.capacity == 327_680)
    #expect(board.flash.capacity == 1_048_576)
    #expect(board.sram.map.map(\.name) == ["stack", "static data"])
    #expect(board.flash.map.map(\.name) == ["program"])
    #expect(board.clock.megahertz == 216)
  }

  @Test func anOperatorIsChargedInCyclesTimeAndEnergy() throws {
    var fast = try board()
    var slow = try board(megahertz: 72)
    let geometry = OperatorGeometry.convolution(32, 32, 16, outputs: 24, kernel: 1)
    let cycles = fast.preset.cycles(for: geometry)
    #expect(cycles > 0)
    let time = fast.compute(cycles: cycles)
    #expect(time == Double(cycles) / 216)
    #expect(fast.clock.cycles == cycles)
    let energy = fast.energy(microseconds: time, sending: 0, receiving: 0)
    #expect(energy.compute == fast.power.processor * time)
    #expect(abs(slow.compute(cycles: cycles) / time - 3) < 1e-12, "core time scales with 1/clock")
  }

  @Test func aClockOutOfRangeIsRefused() {
    #expect(throws: ClockOutOfRange.self) { try board(megahertz: 400) }
  }
}
