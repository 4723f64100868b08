import MCUKernels
import SeededRandom
import Testing

/// The arithmetic is held against gemmlowp's definitions, written out with division.
@Suite struct FixedPointTests {
  private static let edges: [Int32] = [
    .min, .min + 1, -(1 << 30) - 1, -(1 << 30), -65537, -3, -2, -1, 0, 1, 2, 3, 4, 65535, 1 << 30,
    (1 << 30) + 1, .max - 1, .max,
  ]

  /// Edges and seeded random numbers of all magnitudes.
  private static let values: [Int32] = {
    var random = SplitMix64(seed: 1)
    return edges
      + (0..<60).map { _ in
        Int32.random(in: .min ... .max, using: &random) >> Int32.random(in: 0...31, using: &random)
      }
  }()

  /// SaturatingRoundingDoublingHighMul: the nudged product over 2^31, truncated towards zero.
  private func highMultiply(_ a: Int32, _ b: Int32) -> Int32 {
    let product = Int64(a) * Int64(b)
    let nudge: Int64 = product >= 0 ? 1 << 30 : 1 - (1 << 30)
    return Int32(truncatingIfNeeded: (product + nudge) / (1 << 31))
  }

  /// RoundingDivideByPOT: the nearest integer, ties away from zero.
  private func roundedQuotient(_ value: Int32, _ exponent: Int32) -> Int32 {
    let magnitude = Int64(value).magnitude
    let divisor = UInt64(1) << UInt64(exponent)
    let quotient = (2 * magnitude + divisor) / (2 * divisor)
    return Int32(truncatingIfNeeded: value < 0 ? -Int64(quotient) : Int64(quotient))
  }

  @Test func `Products`() {
    for a in Self.values {
      let wrong = Self.values.filter { b in
        !(a == .min && b == .min) && FixedPoint.multiply(a, b) != highMultiply(a, b)
      }
      #expect(wrong.isEmpty, "\(a)")
    }
  }

  @Test func `Quotients by powers of two`() {
    for value in Self.values {
      let wrong = (Int32(0)...31).filter { exponent in
        FixedPoint.divide(value, byPowerOfTwo: exponent) != roundedQuotient(value, exponent)
      }
      #expect(wrong.isEmpty, "\(value)")
      #expect(FixedPoint.divide(value, byPowerOfTwo: -5) == value)
    }
  }

  @Test func `Scaling rounds twice`() {
    let multipliers: [Int32] = [0, 1, 1 << 30, 1_435_885_650, .max - 1, .max]
    for value in Self.values {
      for multiplier in multipliers {
        let wrong = (Int32(-31)...30).filter { shift in
          let shifted = shift > 0 ? value << shift : value
          let expected = roundedQuotient(highMultiply(shifted, multiplier), max(-shift, 0))
          return FixedPoint.scale(value, multiplier: multiplier, shift: shift) != expected
        }
        #expect(wrong.isEmpty, "\(value) times \(multiplier)")
      }
    }
  }

  @Test func `Shifts saturate`() {
    for value in Self.values {
      let wrong = (Int32(1)...30).filter { exponent in
        let exact = Int64(value) << Int64(exponent)
        let expected =
          exact > Int64(Int32.max)
          ? Int32.max : exact <= Int64(Int32.min) ? Int32.min : Int32(exact)
        return FixedPoint.saturatingShift(value, by: exponent) != expected
      }
      #expect(wrong.isEmpty, "\(value)")
    }
  }

  @Test func `Reciprocals are within a few units of the exact ones`() {
    for x in Self.values where x >= 0 {
      let exact = Double(1 << 31) / (1 + Double(x) / Double(1 << 31))
      let difference = abs(Double(FixedPoint.reciprocalOfOnePlus(x)) - exact)
      #expect(difference < 16, "\(x)")
    }
  }
}
