import Testing

@testable import Board

struct TimelineTests {
  @Test func virtualTimeAddsAndSleepsNowhere() async {
    let clock = ManualClock()
    let timeline = Timeline(.virtual, clock: clock)
    await timeline.advance(microseconds: 1500)
    await timeline.advance(microseconds: 0.25)
    #expect(timeline.now == 1500.25)
    #expect(clock.sleeps.isEmpty)
  }

  @Test func pacedTimeSleepsUntilAbsoluteInstants() async {
    let clock = ManualClock(lateness: .microseconds(70))
    let timeline = Timeline(.paced, clock: clock)
    for _ in 0..<4 { await timeline.advance(microseconds: 1000) }
    // Every sleep ends 70 us late, and yet the instants do not drift.
    #expect(
      clock.sleeps == [1000, 2000, 3000, 4000].map { .seconds(1000) + .microseconds($0) })
  }

  @Test func aLateHostCatchesUp() async {
    let clock = ManualClock()
    let timeline = Timeline(.paced, clock: clock)
    await timeline.advance(microseconds: 1000)
    clock.pass(.microseconds(2500))
    await timeline.advance(microseconds: 1000)
    await timeline.advance(microseconds: 1000)
    #expect(clock.sleeps.count == 1, "nothing to sleep for while the host is behind")
    await timeline.advance(microseconds: 1000)
    #expect(clock.sleeps.last == .seconds(1000) + .microseconds(4000))
    #expect(timeline.now == 4000)
  }

  @Test func pacedTimeBeginsWithItsFirstStep() async {
    let clock = ManualClock()
    let timeline = Timeline(.paced, clock: clock)
    clock.pass(.seconds(5))
    await timeline.advance(microseconds: 1000)
    #expect(clock.sleeps == [.seconds(1005) + .microseconds(1000)])
  }

  @Test func synchronisingForgetsWhatTheHostDidMeanwhile() async {
    let clock = ManualClock()
    let timeline = Timeline(.paced, clock: clock)
    await timeline.advance(microseconds: 1000)
    clock.pass(.seconds(3))
    timeline.synchronise()
    await timeline.advance(microseconds: 500)
    #expect(clock.sleeps.last == .seconds(1003) + .microseconds(1500))
    #expect(timeline.now == 1500)
  }

  @Test func aCancelledTaskSleepsNoLongerAndTimeMovesAllTheSame() async {
    let timeline = Timeline(.paced)
    let started = ContinuousClock.now
    let task = Task { await timeline.advance(microseconds: 60e6) }
    task.cancel()
    await task.value
    #expect(ContinuousClock.now - started < .seconds(30))
    #expect(timeline.now == 60e6)
  }

  @Test func realPacedTimeIsTheWallClock() async {
    // The shortest of up to five tries, for other tests share the cores. Without absolute instants
    // the ends of 50 sleeps would all be late, and that would add up.
    let limit = Duration.milliseconds(100 + 10)
    var best = Duration.seconds(3600)
    for _ in 0..<5 where best > limit {
      let timeline = Timeline(.paced)
      let started = ContinuousClock.now
      for _ in 0..<50 { await timeline.advance(microseconds: 2000) }
      best = min(best, ContinuousClock.now - started)
    }
    #expect(best >= .milliseconds(99))
    #expect(best <= limit)
  }
}
