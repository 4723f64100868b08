import SeededRandom

extension SplitMix64 {
  /// Damage for hostile-input tests.
  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 32) }
  }
}
