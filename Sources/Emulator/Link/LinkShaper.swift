import Board
import SeededRandom

/// The radio's arithmetic: how long a frame takes in emulated time. Nothing here waits.
struct LinkShaper {
  enum Direction {
    case up
    case down
  }

  private let radio: RadioProfile
  private var generator: SplitMix64

  init(radio: RadioProfile, seed: UInt64) {
    self.radio = radio
    generator = SplitMix64(seed: seed)
  }

  /// What it takes to carry `bytes` bytes from the emulated instant `start` on: half a round trip,
  /// jitter, the segments with their headers, those lost once more each, and any outage.
  mutating func transfer(bytes: Int, _ direction: Direction, at start: Double) -> Transfer {
    let rate = direction == .up ? radio.uplinkBitsPerSecond : radio.downlinkBitsPerSecond
    var air = 0.0
    var waiting = radio.roundTripMicroseconds / 2
    if radio.jitterMicroseconds > 0 {
      waiting += radio.jitterMicroseconds * generator.unit()
    }
    let payload = radio.segments.payloadBytes ?? max(1, bytes)
    let whole = bytes / payload
    let rest = bytes % payload
    let segments = radio.segments
    let time = { (bytes: Int) in
      Double(bytes + segments.headerBytes) * 8e6 / rate + segments.airMicroseconds
    }
    if radio.loss.probability == 0 {
      air = Double(whole) * time(payload) + (rest > 0 ? time(rest) : 0)
    } else {
      for segment in 0..<(whole + (rest > 0 ? 1 : 0)) {
        let once = time(segment < whole ? payload : rest)
        var timeout = radio.loss.timeoutMicroseconds
        air += once
        while generator.unit() < radio.loss.probability {
          waiting += timeout
          air += once
          timeout = min(timeout * 2, LinkShaper.longestTimeout)
        }
      }
    }
    let end = radio.instant(after: air + waiting, from: start)
    return Transfer(microseconds: end - start, airMicroseconds: air)
  }

  /// RFC 6298, rule 2.5.
  private static let longestTimeout = 60e6
}

/// The time that a frame takes.
struct Transfer: Equatable {
  /// From the first bit to the last one's arrival, µs.
  let microseconds: Double
  /// The part of it that the radio sends or receives, µs.
  let airMicroseconds: Double
}
