import DeviceCore
import FeatureCoding
import FirmwareBench
import MCUKernels
import Testing

/// What the equality tests stand on can tell a difference.
@Suite struct ComparisonTests {
  private var event: TracedEvent {
    var event = TracedEvent(.image, at: 5)
    event.actions.work = .code
    event.actions.send = 16..<18
    event.actions.timer = 70
    event.sent = [1, 2]
    event.done = DeviceWorkDone()
    return event
  }

  @Test func everyPartCounts() {
    let one = BenchOutcome(event)
    #expect(one.difference(from: one) == nil)
    let changes: [(inout TracedEvent) -> Void] = [
      { $0.actions.work = .ask(exit: 0) }, { $0.actions.work = .run(operators: 0..<1) },
      {
        $0.actions.work = nil
        $0.done = nil
      }, { $0.actions.send = 16..<19 },
      { $0.actions.send = 17..<19 }, { $0.sent = [1, 3] }, { $0.actions.timer = 71 },
      { $0.actions.timer = 70 + (1 << 32) }, { $0.actions.timer = nil },
      { $0.actions.linkFault = .malformed }, { $0.holdsReceived = true }, { $0.done?.symbols = 1 },
      { $0.done?.payloadBytes = 1 }, { $0.done?.frameBytes = 1 }, { $0.done?.coder = .range },
      { $0.fault = .outOfTurn }, { $0.workFault = .outOfTurn },
    ]
    for change in changes {
      var other = event
      change(&other)
      #expect(BenchOutcome(other).difference(from: one) != nil)
    }
    #expect(BenchResult.differences(of: [one], from: [event]) == [])
    #expect(BenchResult.differences(of: [one], from: []).count == 1)
  }

  private func table(_ instructions: [Int]) -> CountTable? {
    CountTable(
      text: "# compiler: c\n"
        + instructions.enumerated().map { "a/b \($0)-ADD \($1)\n" }.joined())
  }

  @Test func aPartInAThousandIsNoticed() throws {
    let recorded = try #require(table([100_000, 5]))
    #expect(try #require(table([100_100, 5])).differences(from: recorded).isEmpty)
    #expect(try #require(table([99_900, 5])).differences(from: recorded).isEmpty)
    #expect(try #require(table([100_101, 5])).differences(from: recorded).count == 1)
    #expect(try #require(table([100_000, 6])).differences(from: recorded).count == 1)
    #expect(try #require(table([100_000])).differences(from: recorded).count == 1)
    #expect(try #require(table([100_000, 5, 1])).differences(from: recorded).count == 1)
    #expect(CountTable(text: "a 0-ADD 1\n") == nil)
    #expect(CountTable(text: "# compiler: c\na 0-ADD\n") == nil)
  }
}
