import Foundation
import MCUKernels

/// A positive real as the chip multiplies by it: multiplier · 2^(shift - 31).
struct QuantisedScale: Equatable, Sendable {
  let multiplier: Int32
  let shift: Int32

  /// The scale nearest to `real`, computed as TensorFlow Lite's `QuantizeMultiplier` does; zero for
  /// what is below 2^-32. Nil for what is negative, not finite, or needs a shift above `largestShift`,
  /// which is what the executor takes.
  init?(_ real: Double, largestShift: Int = 30) {
    guard real.isFinite, real >= 0 else { return nil }
    guard real > 0 else {
      self.init(multiplier: 0, shift: 0)
      return
    }
    let (fraction, exponent) = frexp(real)
    var fixed = Int64((fraction * Double(1 << 31)).rounded(.toNearestOrAwayFromZero))
    var shift = exponent
    if fixed == 1 << 31 {
      fixed /= 2
      shift += 1
    }
    if shift < -31 {
      shift = 0
      fixed = 0
    }
    guard shift <= largestShift else { return nil }
    self.init(multiplier: Int32(fixed), shift: Int32(shift))
  }

  init(multiplier: Int32, shift: Int32) {
    self.multiplier = multiplier
    self.shift = shift
  }

  /// value times the scale, rounded as the chip does.
  func apply(_ value: Int32) -> Int32 {
    FixedPoint.scale(value, multiplier: multiplier, shift: shift)
  }

  /// The same divided by `count`, computed as TensorFlow Lite's integer MEAN does.
  func divided(by count: Int) -> QuantisedScale {
    var extra = Int64.bitWidth - 1 - Int64(count).leadingZeroBitCount
    extra = min(extra, 32, 31 + Int(shift))
    let quotient = (Int64(multiplier) << Int64(extra)) / Int64(count)
    return QuantisedScale(
      multiplier: Int32(truncatingIfNeeded: quotient), shift: shift - Int32(extra))
  }
}
