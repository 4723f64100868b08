/// The generator behind every random choice in a rendered scene: SplitMix64 (Steele, Lea and
/// Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
///
/// Integer arithmetic only, so that a seed gives the same scene on every machine.
struct SceneRandom: Sendable {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// The stream of one image. It depends on the split's seed and the image's index alone, so that
  /// any image renders without the ones before it.
  init(splitSeed: UInt64, index: Int) {
    let position = Self.mix(UInt64(index) &+ 1)
    self.init(seed: Self.mix(Self.mix(splitSeed) ^ position))
  }

  /// 64 uniform bits.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
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

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
