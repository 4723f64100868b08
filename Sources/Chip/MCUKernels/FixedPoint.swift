import MCUIntrinsics

/// Arithmetic on 32-bit fixed-point numbers, to the bit that of gemmlowp's `fixedpoint.h`, on which
/// TensorFlow Lite Micro's SOFTMAX and LOGISTIC stand.
public enum FixedPoint {
  /// value · multiplier · 2^(shift - 31) with gemmlowp's two roundings, as all kernels requantise.
  @inline(__always)
  public static func scale(_ value: Int32, multiplier: Int32, shift: Int32) -> Int32 {
    mcu_requantise(value, multiplier, shift)
  }

  /// The rounded high half of twice the product: the product of two numbers whose fraction bits
  /// sum to 31 more than the result's.
  @inline(__always)
  public static func multiply(_ a: Int32, _ b: Int32) -> Int32 {
    let product = a.multipliedFullWidth(by: b)
    let whole = Int64(product.high) << 32 | Int64(product.low)
    return Int32(truncatingIfNeeded: (whole &+ (1 << 30)) >> 31)
  }

  /// value / 2^exponent, ties away from zero. An exponent outside 0...31 is brought to its nearer
  /// end.
  @inline(__always)
  public static func divide(_ value: Int32, byPowerOfTwo exponent: Int32) -> Int32 {
    let exponent = min(max(exponent, 0), 31)
    let mask = Int32(bitPattern: (UInt32(1) << UInt32(exponent)) &- 1)
    let threshold = (mask >> 1) &+ (value < 0 ? 1 : 0)
    return (value >> exponent) &+ ((value & mask) > threshold ? 1 : 0)
  }

  /// value · 2^exponent, saturated, for an exponent from 1 to 30.
  @inline(__always)
  public static func saturatingShift(_ value: Int32, by exponent: Int32) -> Int32 {
    let threshold = (Int32(1) << (31 &- exponent)) &- 1
    if value > threshold { return Int32.max }
    if value < 0 &- threshold { return Int32.min }
    return value << exponent
  }

  /// 1 / (1 + x) for x in [0, 1), both with 31 fraction bits: three Newton-Raphson steps.
  public static func reciprocalOfOnePlus(_ x: Int32) -> Int32 {
    // Half the sum of x and one, rounded; the sum is not negative.
    let halfDenominator = Int32(truncatingIfNeeded: (Int64(x) + Int64(Int32.max) + 1) >> 1)
    // 48/17 and -32/17 with 29 fraction bits: the best linear first guess.
    var guess = 1_515_870_810 &+ multiply(halfDenominator, -1_010_580_540)
    for _ in 0..<3 {
      let error = (1 << 29) &- multiply(halfDenominator, guess)
      guess = guess &+ saturatingShift(multiply(guess, error), by: 2)
    }
    return saturatingShift(guess, by: 1)
  }
}
