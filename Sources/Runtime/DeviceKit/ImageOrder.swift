import SeededRandom

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
      let other = position + Int(generator.next(upperBound: UInt64(total - position)))
      indices.swapAt(position, other)
    }
    return Array(indices[..<wanted])
  }
}
