/// Nested loops over two memories, outermost first, on their way into the image's loop rows.
struct LoopRows: Equatable, Sendable {
  struct Row: Equatable, Sendable {
    var count: Int
    var firstStride: Int
    var secondStride: Int
  }

  private(set) var rows: [Row]

  /// The same walk in as few rows as it takes: single steps go, and two rows become one where the
  /// outer one continues the inner one in both memories.
  init(_ rows: [Row]) {
    var merged: [Row] = []
    for row in rows where row.count != 1 {
      if let outer = merged.last, outer.firstStride == row.firstStride * row.count,
        outer.secondStride == row.secondStride * row.count
      {
        merged[merged.count - 1] = Row(
          count: outer.count * row.count, firstStride: row.firstStride,
          secondStride: row.secondStride)
      } else {
        merged.append(row)
      }
    }
    self.rows = merged
  }

  /// Takes the innermost row away where it is a run without gaps in both memories, and returns the
  /// run's length; else 1.
  mutating func takeRun() -> Int {
    guard let row = rows.last, row.firstStride == 1, row.secondStride == 1 else { return 1 }
    rows.removeLast()
    return row.count
  }

  /// The rows as the image has them.
  var words: [Int32] {
    rows.flatMap { row in
      [row.count, row.firstStride, row.secondStride].map { Int32(truncatingIfNeeded: $0) }
    }
  }

  /// The distance between neighbours along each dimension of a tensor without gaps.
  static func strides(of shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for index in shape.indices.dropLast().reversed() {
      strides[index] = strides[index + 1] * shape[index + 1]
    }
    return strides
  }
}
