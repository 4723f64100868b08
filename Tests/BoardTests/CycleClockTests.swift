import Testing

@testable import Board

struct CycleClockTests {
  @Test func timeIsCyclesByClock() throws {
    var clock = try CycleClock(megahertz: 216, range: 64...216)
    #expect(clock.charge(216_000) == 1000)
    #expect(clock.charge(108) == 0.5)
    #expect(clock.cycles == 216_108)
  }

  @Test(arguments: [63.9, 216.5, 0, -216, .infinity, .nan])
  func clocksOutsideTheBoardsRangeAreRefused(megahertz: Double) {
    let error = #expect(throws: ClockOutOfRange.self) {
      try CycleClock(megahertz: megahertz, range: 64...216)
    }
    #expect(error?.exitStatus == 64)
    #expect(error?.description.hasSuffix("the board runs at 64 to 216 MHz") == true)
  }

  @Test(arguments: [64.0, 128, 216])
  func theEndsOfTheRangeAreInIt(megahertz: Double) throws {
    #expect(try CycleClock(megahertz: megahertz, range: 64...216).megahertz == megahertz)
  }

  @Test func countingDoesNotOverflow() throws {
    var clock = try CycleClock(megahertz: 64, range: 64...216)
    clock.charge(Int.max)
    clock.charge(Int.max)
    #expect(clock.cycles == Int.max)
  }
}
