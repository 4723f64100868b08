import Board
import SeededRandom
import Testing

@testable import Air

struct AirTests {
  private func air(_ radio: RadioProfile, seed: UInt64 = 1) -> Air {
    Air(radio: radio, seed: seed)
  }

  @Test func aBareRadioIsItsRate() {
    var air = air(.test())
    #expect(
      air.transmit(bytes: 1000, .up, at: 0)
        == Transmission(start: 0, departure: 8000, arrival: 8000, airMicroseconds: 8000))
    #expect(air.transmit(bytes: 1000, .down, at: 5).arrival == 16005)
  }

  /// The paper's network times: bytes x 8 / rate.
  @Test(arguments: [
    ("wifi-6mbps", 3750, 5000.0), ("ble-2mbps", 1000, 4000), ("ble-270kbps", 27, 800),
  ])
  func thePapersRadios(name: String, bytes: Int, microseconds: Double) throws {
    let radio = try #require(try ConfigStore.locate().radio(name))
    var air = air(radio)
    let time = air.transmit(bytes: bytes, .up, at: 0).duration
    #expect(abs(time - microseconds) < 1e-9)
  }

  @Test func aRoundTripIsHalfEachWay() {
    var air = air(.test(roundTrip: 3000))
    let up = air.transmit(bytes: 100, .up, at: 0)
    let down = air.transmit(bytes: 100, .down, at: 0)
    #expect(
      up == Transmission(start: 0, departure: 800, arrival: 2300, airMicroseconds: 800))
    #expect(
      down == Transmission(start: 0, departure: 1600, arrival: 3100, airMicroseconds: 1600))
  }

  @Test(arguments: [(1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (950, 10)])
  func segmentsCarryTheirHeadersAndTheirAirTime(bytes: Int, segments: Int) {
    var air = air(
      .test(
        segments: RadioProfile.Segmentation(
          payloadBytes: 100, headerBytes: 10, airMicroseconds: 7)))
    let time = air.transmit(bytes: bytes, .up, at: 0).duration
    #expect(abs(time - (Double(bytes + 10 * segments) * 8 + 7 * Double(segments))) < 1e-9)
  }

  @Test func jitterStaysInItsBoundsAndFollowsItsSeed() {
    func times(_ seed: UInt64) -> [Double] {
      var air = air(.test(jitter: 500), seed: seed)
      // So far apart that none waits for the one before it.
      return (0..<2000).map { air.transmit(bytes: 100, .up, at: Double($0) * 1e4).duration }
    }
    let some = times(3)
    #expect(some == times(3))
    #expect(some != times(4))
    #expect(some.allSatisfy { $0 >= 799.999 && $0 < 1300.001 })
    let mean = some.reduce(0, +) / 2000
    #expect(abs(mean - 1050) < 15)
  }

  @Test func lostSegmentsAreSentAgainAfterATimeout() {
    let probability = 0.25
    var air = air(
      .test(
        segments: RadioProfile.Segmentation(payloadBytes: 100),
        loss: RadioProfile.Loss(probability: probability, timeoutMicroseconds: 1000)))
    let count = 20_000
    var onAir = 0.0
    var total = 0.0
    for index in 0..<count {
      let transmission = air.transmit(bytes: 100, .up, at: Double(index) * 1e9)
      onAir += transmission.airMicroseconds
      total += transmission.duration
    }
    // Sent 1 / (1 - p) times on average; the waits are sum over k of p^k x 1000 x 2^(k-1).
    let sent = 1 / (1 - probability)
    #expect(abs(onAir / Double(count) / 800 / sent - 1) < 0.02)
    let waits = 1000 * probability / (1 - 2 * probability)
    #expect(abs((total - onAir) / Double(count) / waits - 1) < 0.1)
  }

  @Test func anOutageStopsTheLinkAndItGoesOn() {
    var air = air(
      .test(outages: [
        RadioProfile.Outage(startMicroseconds: 1000, durationMicroseconds: 5000)
      ]))
    // 800 us of work: before, across, within and after the outage.
    #expect(air.transmit(bytes: 100, .up, at: 0).duration == 800)
    #expect(air.transmit(bytes: 100, .up, at: 200).duration == 800)
    #expect(air.transmit(bytes: 100, .up, at: 600).duration == 5800)
    #expect(air.transmit(bytes: 100, .up, at: 1000).duration == 5800)
    #expect(air.transmit(bytes: 100, .up, at: 4000).duration == 2800)
    #expect(air.transmit(bytes: 100, .up, at: 6000).duration == 800)
    #expect(air.transmit(bytes: 100, .up, at: 600).airMicroseconds == 800)
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

  /// What is sent later never arrives earlier, whatever its jitter.
  @Test func nothingOvertakes() {
    var air = air(.test(jitter: 5000))
    var last = 0.0
    for index in 0..<500 {
      let arrival = air.transmit(bytes: 10, .up, at: Double(index) * 100).arrival
      #expect(arrival >= last)
      last = arrival
    }
  }

  /// The radio is free while what it sent is still under way.
  @Test func aTransmissionLeavesBeforeItArrives() {
    var air = air(.test(roundTrip: 10_000))
    let first = air.transmit(bytes: 100, .up, at: 0)
    let second = air.transmit(bytes: 100, .up, at: first.departure)
    #expect(first.arrival == 5800)
    #expect(second.departure == 1600 && second.arrival == 6600)
  }
}

extension Transmission {
  /// From the first bit's departure to the last one's arrival, µs.
  fileprivate var duration: Double { arrival - start }
}
