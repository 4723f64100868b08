/// Which images of a set are taken, and in which order.
///
/// Without a seed the first `count` images, in the set's own order. With one, a shuffle of the whole
/// set decides and its first `count` images are taken, so that a greater count keeps the images of a
/// smaller one.
public enum ImageOrder {
  /// Positions in the set, `min(count, total)` of them; `count` `nil` means all.
  public static func indices(total: Int, count: Int?, seed: UInt64?) -> [Int] {
    let wanted = min(count ?? total, total)
    guard let seed else { return Array(0..<wanted) }
    var generator = SplitMix64(seed: seed)
    var indices = Array(0..<total)
    for position in 0..<wanted {
      let other = position + Int(generator.next(below: UInt64(total - position)))
      indices.swapAt(position, other)
    }
    return Array(indices[..<wanted])
  }
}

/// Steele, Lea and Flood's SplitMix64: small, and the same everywhere for the same seed.
struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Evenly from 0 to `bound` - 1, by the high half of a product (the bias is below `bound` / 2^64).
  mutating func next(below bound: UInt64) -> UInt64 {
    bound.multipliedFullWidth(by: next()).high
  }
}
