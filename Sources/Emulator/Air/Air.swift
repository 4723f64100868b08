public import Board
import SeededRandom

/// The radio's arithmetic: when what is sent has left, and when it arrives, in emulated time. Nothing
/// here waits, and nothing is sent.
///
/// Each direction carries one transmission at a time, and what is sent first arrives first.
public struct Air {
  public enum Direction: Sendable {
    case up
    case down
  }

  private let radio: RadioProfile
  private var generator: SplitMix64
  private var upArrival = 0.0
  private var downArrival = 0.0

  /// - Parameter seed: of jitter and loss.
  public init(radio: RadioProfile, seed: UInt64) {
    self.radio = radio
    generator = SplitMix64(seed: seed)
  }

  /// Carries `bytes` bytes from the emulated instant `start` on: the segments with their headers,
  /// those lost once more each, and any outage; then half a round trip and jitter to the other side,
  /// which an outage of the radio does not touch.
  public mutating func transmit(
    bytes: Int, _ direction: Direction, at start: Double
  ) -> Transmission {
    let rate = direction == .up ? radio.uplinkBitsPerSecond : radio.downlinkBitsPerSecond
    var air = 0.0
    var waiting = 0.0
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
          timeout = min(timeout * 2, Air.longestTimeout)
        }
      }
    }
    let departure = radio.instant(after: air + waiting, from: start)
    var flight = radio.roundTripMicroseconds / 2
    if radio.jitterMicroseconds > 0 { flight += radio.jitterMicroseconds * generator.unit() }
    // TCP hands on in order: nothing overtakes what was sent before it.
    let earliest = direction == .up ? upArrival : downArrival
    let arrival = max(earliest, departure + flight)
    if direction == .up { upArrival = arrival } else { downArrival = arrival }
    return Transmission(
      start: start, departure: departure, arrival: arrival, airMicroseconds: air)
  }

  /// RFC 6298, rule 2.5.
  private static let longestTimeout = 60e6
}

/// When a transmission passes, in microseconds of emulated time.
public struct Transmission: Equatable, Sendable {
  public let start: Double
  /// The radio is free for the next one.
  public let departure: Double
  /// Its last byte is at the other side.
  public let arrival: Double
  /// How long the radio sends or receives; the rest is waiting.
  public let airMicroseconds: Double
}
