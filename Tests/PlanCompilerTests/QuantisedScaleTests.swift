import MCUKernels
import SeededRandom
import Testing

@testable import PlanCompiler

@Suite struct QuantisedScaleTests {
  @Test func `The scale is within half a unit of 31 bits`() throws {
    var random = SplitMix64(seed: 9)
    for _ in 0..<2000 {
      let real = Double.random(in: 0.5..<1, using: &random)
      let exponent = Int.random(in: -30...29, using: &random)
      let scaled = real * Double(sign: .plus, exponent: exponent, significand: 1)
      let scale = try #require(QuantisedScale(scaled))
      #expect(scale.multiplier >= 1 << 30)
      let back =
        Double(scale.multiplier)
        * Double(sign: .plus, exponent: Int(scale.shift) - 31, significand: 1)
      #expect(abs(back / scaled - 1) <= 0x1p-31)
    }
  }

  @Test func `Edges`() {
    #expect(QuantisedScale(1) == QuantisedScale(multiplier: 1 << 30, shift: 1))
    #expect(QuantisedScale(0.5) == QuantisedScale(multiplier: 1 << 30, shift: 0))
    #expect(QuantisedScale(0) == QuantisedScale(multiplier: 0, shift: 0))
    #expect(QuantisedScale(0x1p-32) == QuantisedScale(multiplier: 1 << 30, shift: -31))
    #expect(QuantisedScale(0x1p-33) == QuantisedScale(multiplier: 0, shift: 0))
    // The fraction rounds up to one.
    #expect(QuantisedScale(1 - 0x1p-40) == QuantisedScale(multiplier: 1 << 30, shift: 1))
    #expect(QuantisedScale(0x1p29) == QuantisedScale(multiplier: 1 << 30, shift: 30))
    #expect(QuantisedScale(0x1p30) == nil)
    for bad in [-1, -0x1p-60, .nan, .infinity] as [Double] { #expect(QuantisedScale(bad) == nil) }
  }

  @Test func `A mean's scale has the count in it`() throws {
    for count in [1, 2, 3, 7, 64, 1000] {
      for real in [0.25, 1, 3.7] {
        let scale = try #require(QuantisedScale(real))
        let mean = scale.divided(by: count)
        let back =
          Double(mean.multiplier)
          * Double(sign: .plus, exponent: Int(mean.shift) - 31, significand: 1)
        #expect(abs(back * Double(count) / real - 1) < 1e-8)
      }
    }
  }

  /// The tables are within one unit of the real functions.
  @Test func `Exponentials and logistic`() throws {
    for scale in [0.004, 0.1, 0.5, 3] as [Float] {
      let exponentials = try #require(ExponentialTables.softmax(scale: scale, beta: 1))
      for (difference, value) in exponentials.enumerated() {
        let exact = pow2(-Double(difference) * Double(scale) / 0.6931471805599453)
        #expect(abs(Double(value) / 0x1p31 - exact) < 1e-6)
      }
      let logistic = try #require(ExponentialTables.logistic(scale: scale, zeroPoint: 5))
      for byte in 0..<256 {
        let x = Double(scale) * Double(Int(Int8(truncatingIfNeeded: byte)) - 5)
        let exact = 256 / (1 + pow2(-x / 0.6931471805599453)) - 128
        #expect(abs(Double(Int8(bitPattern: logistic[byte])) - min(exact, 127)) < 1.01)
      }
    }
    #expect(ExponentialTables.softmax(scale: 1e-9, beta: 1) == nil)
    #expect(ExponentialTables.softmax(scale: 1, beta: -1) == nil)
    #expect(ExponentialTables.softmax(scale: .nan, beta: 1) == nil)
  }

  /// 2^x by repeated square roots and products: no library's exponential.
  private func pow2(_ x: Double) -> Double {
    let whole = x.rounded(.down)
    var fraction = x - whole
    var result = Double(sign: .plus, exponent: Int(max(whole, -1000)), significand: 1)
    var root = 2.0
    for _ in 0..<52 {
      root = root.squareRoot()
      fraction *= 2
      if fraction >= 1 {
        result *= root
        fraction -= 1
      }
    }
    return result
  }
}
