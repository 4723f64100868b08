import SeededRandom
import Testing

@testable import DeviceCore

/// Against sums rounded by hand: a product of two float32 and a sum of two are exact, or rounded
/// harmlessly, in float64, so that one rounding of each gives what unfused float32 must.
@Suite struct CombinationTests {
  struct Side {
    var values: [Int8]
    var scale: Float
    var zeroPoint: Int32

    var reals: [Float] {
      values.map { Float(Double(scale) * Double(Int32($0) - zeroPoint)) }
    }

    func read<Result>(_ body: (Combination.Logits) -> Result) -> Result {
      values.withUnsafeBufferPointer {
        body(Combination.Logits($0, scale: scale, zeroPoint: zeroPoint))
      }
    }
  }

  static func expected(_ local: Side, _ remote: Side, _ alpha: Float) -> Int? {
    let beta = Float(1 - Double(alpha))
    let sums = zip(local.reals, remote.reals).map { l, r in
      Float(
        Double(Float(Double(alpha) * Double(l))) + Double(Float(Double(beta) * Double(r))))
    }
    guard let best = sums.max() else { return nil }
    return sums.firstIndex(of: best)
  }

  static func answer(_ local: Side, _ remote: Side, _ alpha: Float) -> Int? {
    local.read { l in remote.read { r in Combination.argmax(local: l, remote: r, alpha: alpha) } }
  }

  @Test func equalsThePlainSum() {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<20_000 {
      let classes = Int.random(in: 1...12, using: &generator)
      func side() -> Side {
        Side(
          values: (0..<classes).map { _ in Int8.random(in: .min ... .max, using: &generator) },
          scale: .random(in: 0.0001...2, using: &generator),
          zeroPoint: .random(in: -128...127, using: &generator))
      }
      let (local, remote) = (side(), side())
      let alpha = Float.random(in: 0...1, using: &generator)
      #expect(Self.answer(local, remote, alpha) == Self.expected(local, remote, alpha))
    }
  }

  /// All pairs of three-class logits out of four values, where ties are many.
  @Test(arguments: [0, 0.25, 0.5, 1] as [Float])
  func tiesGoToTheLowestIndex(alpha: Float) {
    let levels: [Int8] = [-128, 0, 1, 127]
    let triples = levels.flatMap { a in levels.flatMap { b in levels.map { [a, b, $0] } } }
    for first in triples {
      for second in triples {
        let local = Side(values: first, scale: 0.5, zeroPoint: 0)
        let remote = Side(values: second, scale: 0.5, zeroPoint: 0)
        #expect(Self.answer(local, remote, alpha) == Self.expected(local, remote, alpha))
      }
    }
  }

  /// Pairs of classes that all but tie, so that rounding decides, and a fused multiply-add would now
  /// and then decide for the other.
  @Test func productsAreRounded() {
    var generator = SplitMix64(seed: 2)
    var fusedDiffers = 0
    for _ in 0..<20_000 {
      let alpha = Float.random(in: 0.1...0.9, using: &generator)
      let scale = Float.random(in: 0.01...1, using: &generator)
      let steps = Int8.random(in: 1...127, using: &generator)
      let balance = Double(alpha * scale) / Double(1 - alpha) / Double(steps)
      let local = Side(values: [100, 99], scale: scale, zeroPoint: 0)
      let remote = Side(values: [0, steps], scale: Float(balance), zeroPoint: 0)
      let expected = Self.expected(local, remote, alpha)
      #expect(Self.answer(local, remote, alpha) == expected)

      let fused = zip(local.reals, remote.reals).map { ((1 - alpha) * $1).addingProduct(alpha, $0) }
      if (fused[1] > fused[0] ? 1 : 0) != expected { fusedDiffers += 1 }
    }
    #expect(fusedDiffers > 100)
  }

  @Test func argmaxOfOneSide() {
    func argmax(_ values: [Int8]) -> Int? {
      Side(values: values, scale: 1, zeroPoint: 5).read { $0.argmax() }
    }
    #expect(argmax([]) == nil)
    #expect(argmax([-128]) == 0)
    #expect(argmax([3, 3, 2]) == 0)
    #expect(argmax([1, 3, 3]) == 1)
    #expect(argmax([-128, -128, 127]) == 2)
  }

  @Test func noClasses() {
    let none = Side(values: [], scale: 1, zeroPoint: 0)
    #expect(Self.answer(none, none, 0.5) == nil)
  }
}
