import Foundation
import MCUKernels

/// SOFTMAX's and LOGISTIC's functions of an int8 value, tabulated with the arithmetic that
/// TensorFlow Lite Micro does for every element.
enum ExponentialTables {
  /// exp(-difference · scale · beta) with 31 fraction bits for differences 0 to 255; 0 where the
  /// difference is too large to count. Nil where TensorFlow Lite Micro has no such SOFTMAX.
  static func softmax(scale: Float, beta: Float) -> [Int32]? {
    let integerBits: Int32 = 5
    let real = min(
      Double(beta) * Double(scale) * Double(1 << (31 - integerBits)), Double(Int32.max))
    // A shift of 31 occurs, with a radius of 0: then only the largest input counts.
    guard real > 1, let input = QuantisedScale(real, largestShift: 31) else { return nil }
    let smallest = -radius(integerBits: integerBits, leftShift: input.shift)
    return (Int32(0)..<256).map { difference in
      guard -difference >= smallest else { return 0 }
      return exponential(
        input.apply(-difference), integerBits: integerBits)
    }
  }

  /// The int8 value of the logistic function for each byte of an int8 input, with scale 1/256 and
  /// zero point -128. Nil where TensorFlow Lite Micro has no such LOGISTIC.
  static func logistic(scale: Float, zeroPoint: Int) -> [UInt8]? {
    let integerBits: Int32 = 4
    let (fraction, exponent) = frexp(Double(scale) * Double(1 << (31 - integerBits)))
    let multiplier = (fraction * Double(1 << 31)).rounded(.toNearestOrAwayFromZero)
    // Beyond a shift of 30 the radius is 0 and no input is scaled.
    guard exponent >= 0, exponent < 63, multiplier <= Double(Int32.max) else { return nil }
    let shift = Int32(exponent)
    let limit = radius(integerBits: integerBits, leftShift: shift)
    return (0..<256).map { byte in
      let value = Int32(Int8(truncatingIfNeeded: byte)) - Int32(zeroPoint)
      if value <= -limit { return UInt8(bitPattern: Int8.min) }
      if value >= limit { return UInt8(bitPattern: Int8.max) }
      let scaled = FixedPoint.scale(value, multiplier: Int32(multiplier), shift: shift)
      let share = FixedPoint.divide(logistic(scaled, integerBits: integerBits), byPowerOfTwo: 23)
      return UInt8(bitPattern: Int8(clamping: share - 128))
    }
  }

  /// The largest input that stays inside the fixed-point range once it is scaled.
  private static func radius(integerBits: Int32, leftShift: Int32) -> Int32 {
    let largest =
      Double((1 << integerBits) - 1) * Double(Int64(1) << Int64(31 - integerBits))
      / Double(Int64(1) << Int64(leftShift))
    return Int32(largest.rounded(.down))
  }

  /// 1 / (1 + exp(-x)) with 31 fraction bits.
  private static func logistic(_ x: Int32, integerBits: Int32) -> Int32 {
    guard x != 0 else { return 1 << 30 }
    let magnitude = x > 0 ? x : 0 &- x
    let positive = FixedPoint.reciprocalOfOnePlus(
      exponential(0 &- magnitude, integerBits: integerBits))
    return x > 0 ? positive : Int32.max &- positive
  }

  /// exp(x) with 31 fraction bits, for x <= 0 with `integerBits` integer bits: a polynomial in
  /// [-1/4, 0), and a factor for each power of two in what is left. gemmlowp's
  /// `exp_on_negative_values`.
  private static func exponential(_ x: Int32, integerBits: Int32) -> Int32 {
    guard x != 0 else { return Int32.max }
    let fractionBits = 31 - integerBits
    let quarter = Int32(1) << (fractionBits - 2)
    let remainder = (x & (quarter - 1)) - quarter
    var result = exponentialNearZero(
      FixedPoint.saturatingShift(remainder, by: integerBits))
    let rest = remainder &- x
    let factors: [(exponent: Int32, multiplier: Int32)] = [
      (-2, 1_672_461_947), (-1, 1_302_514_674), (0, 790_015_084), (1, 290_630_308),
      (2, 39_332_535), (3, 720_401), (4, 242),
    ]
    for factor in factors where integerBits > factor.exponent {
      if rest & (1 << (fractionBits + factor.exponent)) != 0 {
        result = FixedPoint.multiply(result, factor.multiplier)
      }
    }
    return result
  }

  /// exp(a) with 31 fraction bits for a in [-1/4, 0): a Taylor series around -1/8.
  private static func exponentialNearZero(_ a: Int32) -> Int32 {
    let exponentialOfEighth: Int32 = 1_895_147_668
    let third: Int32 = 715_827_883
    let x = a &+ (1 << 28)
    let square = FixedPoint.multiply(x, x)
    let cube = FixedPoint.multiply(square, x)
    let fourth = FixedPoint.divide(FixedPoint.multiply(square, square), byPowerOfTwo: 2)
    let series = FixedPoint.divide(
      FixedPoint.multiply(fourth &+ cube, third) &+ square, byPowerOfTwo: 1)
    return exponentialOfEighth &+ FixedPoint.multiply(exponentialOfEighth, x &+ series)
  }
}
