import SeededRandom

/// Every random choice in a rendered scene, in integers, so that a seed gives the same scene on
/// every machine.
struct SceneRandom: Sendable {
  private var generator: SplitMix64

  init(seed: UInt64) {
    generator = SplitMix64(seed: seed)
  }

  /// The stream of one image. It depends on the split's seed and the image's index alone, so that
  /// any image renders without the ones before it.
  init(splitSeed: UInt64, index: Int) {
    let position = SplitMix64.mix(UInt64(index) &+ 1)
    self.init(seed: SplitMix64.mix(SplitMix64.mix(splitSeed) ^ position))
  }

  /// 64 uniform bits.
  mutating func next() -> UInt64 {
    generator.next()
  }

  /// A number from `range`: the upper 32 bits of the next output, scaled by a multiplication. The
  /// bias is below 2^-20 for every range that a scene uses.
  mutating func integer(in range: ClosedRange<Int>) -> Int {
    let width = UInt64(range.upperBound - range.lowerBound) + 1
    return range.lowerBound + Int(((next() >> 32) * width) >> 32)
  }

  /// True `numerator` times in 256.
  mutating func chance(_ numerator: Int) -> Bool {
    integer(in: 0...255) < numerator
  }
}
