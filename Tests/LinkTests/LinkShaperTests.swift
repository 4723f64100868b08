import Board
import SeededRandom
import Testing

@testable import Link

struct LinkShaperTests {
  private func shaper(_ radio: RadioProfile, seed: UInt64 = 1) -> LinkShaper {
    LinkShaper(radio: radio, seed: seed)
  }

  @Test func aBareRadioIsItsRate() {
    var shaper = shaper(.test())
    #expect(
      shaper.transfer(bytes: 1000, .up, at: 0)
        == Transfer(microseconds: 8000, airMicroseconds: 8000))
    #expect(shaper.transfer(bytes: 1000, .down, at: 5).microseconds == 16000)
  }

  /// The paper's network times: bytes x 8 / rate.
  @Test(arguments: [
    ("wifi-6mbps", 3750, 5000.0), ("ble-2mbps", 1000, 4000), ("ble-270kbps", 27, 800),
  ])
  func thePapersRadios(name: String, bytes: Int, microseconds: Double) throws {
    let radio = try #require(try ConfigStore.locate().radio(name))
    var shaper = shaper(radio)
    let time = shaper.transfer(bytes: bytes, .up, at: 0).microseconds
    #expect(abs(time - microseconds) < 1e-9)
  }

  @Test func aRoundTripIsHalfEachWay() {
    var shaper = shaper(.test(roundTrip: 3000))
    let up = shaper.transfer(bytes: 100, .up, at: 0)
    let down = shaper.transfer(bytes: 100, .down, at: 0)
    #expect(up == Transfer(microseconds: 800 + 1500, airMicroseconds: 800))
    #expect(down == Transfer(microseconds: 1600 + 1500, airMicroseconds: 1600))
  }

  @Test(arguments: [(1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (950, 10)])
  func segmentsCarryTheirHeadersAndTheirAirTime(bytes: Int, segments: Int) {
    var shaper = shaper(
      .test(
        segments: RadioProfile.Segmentation(
          payloadBytes: 100, headerBytes: 10, airMicroseconds: 7)))
    let time = shaper.transfer(bytes: bytes, .up, at: 0).microseconds
    #expect(abs(time - (Double(bytes + 10 * segments) * 8 + 7 * Double(segments))) < 1e-9)
  }

  @Test func jitterStaysInItsBoundsAndFollowsItsSeed() {
    func times(_ seed: UInt64) -> [Double] {
      var shaper = shaper(.test(jitter: 500), seed: seed)
      return (0..<2000).map { _ in shaper.transfer(bytes: 100, .up, at: 0).microseconds }
    }
    let some = times(3)
    #expect(some == times(3))
    #expect(some != times(4))
    #expect(some.allSatisfy { $0 >= 800 && $0 < 1300 })
    let mean = some.reduce(0, +) / 2000
    #expect(abs(mean - 1050) < 15)
  }

  @Test func lostSegmentsAreSentAgainAfterATimeout() {
    let probability = 0.25
    var shaper = shaper(
      .test(
        segments: RadioProfile.Segmentation(payloadBytes: 100),
        loss: RadioProfile.Loss(probability: probability, timeoutMicroseconds: 1000)))
    let count = 20_000
    var air = 0.0
    var total = 0.0
    for _ in 0..<count {
      let transfer = shaper.transfer(bytes: 100, .up, at: 0)
      air += transfer.airMicroseconds
      total += transfer.microseconds
    }
    // Sent 1 / (1 - p) times on average; the waits are sum over k of p^k x 1000 x 2^(k-1).
    let sent = 1 / (1 - probability)
    #expect(abs(air / Double(count) / 800 / sent - 1) < 0.02)
    let waits = 1000 * probability / (1 - 2 * probability)
    #expect(abs((total - air) / Double(count) / waits - 1) < 0.1)
  }

  @Test func anOutageStopsTheLinkAndItGoesOn() {
    var shaper = shaper(
      .test(outages: [
        RadioProfile.Outage(startMicroseconds: 1000, durationMicroseconds: 5000)
      ]))
    // 800 us of work: before, across, within and after the outage.
    #expect(shaper.transfer(bytes: 100, .up, at: 0).microseconds == 800)
    #expect(shaper.transfer(bytes: 100, .up, at: 200).microseconds == 800)
    #expect(shaper.transfer(bytes: 100, .up, at: 600).microseconds == 5800)
    #expect(shaper.transfer(bytes: 100, .up, at: 1000).microseconds == 5800)
    #expect(shaper.transfer(bytes: 100, .up, at: 4000).microseconds == 2800)
    #expect(shaper.transfer(bytes: 100, .up, at: 6000).microseconds == 800)
    #expect(shaper.transfer(bytes: 100, .up, at: 600).airMicroseconds == 800)
  }

  /// Against a clock that ticks through the outages millisecond by millisecond.
  @Test(arguments: 1...20)
  func outagesAgreeWithATickingModel(seed: Int) {
    var generator = SplitMix64(seed: UInt64(seed))
    func pick(_ range: ClosedRange<Int>) -> Int {
      range.lowerBound + Int(generator.unit() * Double(range.count))
    }
    let outages = (0..<3).map { _ in
      let duration = pick(1...9)
      let period = pick(0...2) == 0 ? nil : pick((duration * 4)...60)
      return (start: pick(0...50), duration: duration, period: period)
    }
    let radio = RadioProfile.test(
      outages: outages.map {
        RadioProfile.Outage(
          startMicroseconds: Double($0.start) * 1000,
          durationMicroseconds: Double($0.duration) * 1000,
          periodMicroseconds: $0.period.map { Double($0) * 1000 })
      })
    func isSilent(_ millisecond: Int) -> Bool {
      outages.contains { outage in
        guard millisecond >= outage.start else { return false }
        let since = millisecond - outage.start
        return (outage.period.map { since % $0 } ?? since) < outage.duration
      }
    }
    for start in 0..<120 {
      let work = pick(1...30)
      var left = work
      var tick = start
      while left > 0 {
        if !isSilent(tick) { left -= 1 }
        tick += 1
      }
      let end = radio.instant(after: Double(work) * 1000, from: Double(start) * 1000)
      #expect(abs(end - Double(tick) * 1000) < 1e-6)
    }
  }

  @Test func farFromTheStartRoundingDoesNotHoldTheLink() {
    let radio = RadioProfile.test(
      outages: [
        RadioProfile.Outage(
          startMicroseconds: 0.1, durationMicroseconds: 1000.7, periodMicroseconds: 3000.3)
      ])
    for step in 0..<2000 {
      let start = 1e15 + Double(step) * 0.37
      #expect(radio.instant(after: 0.5, from: start) >= start)
    }
  }
}
