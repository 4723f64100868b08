/// Nested loops read from an image: each row has a count and two strides, the outermost row first.
///
/// Operators that walk tensors in another order than they lie in memory (broadcasts, reductions,
/// transposes, slices) are all such loops; the compiler merges what can be merged.
struct LoopNest {
  private let rows: UnsafeRawPointer

  init(rows: UnsafeRawPointer) {
    self.rows = rows
  }

  @inline(__always)
  func count(_ row: Int) -> Int { Int(rows.word(3 * row)) }

  @inline(__always)
  func firstStride(_ row: Int) -> Int { Int(rows.word(3 * row + 1)) }

  @inline(__always)
  func secondStride(_ row: Int) -> Int { Int(rows.word(3 * row + 2)) }

  /// Calls `body` with the two offsets of every step of rows `row` to `end`, in order.
  func visit(
    row: Int, end: Int, first: Int, second: Int, _ body: (_ first: Int, _ second: Int) -> Void
  ) {
    guard row < end else {
      body(first, second)
      return
    }
    var first = first
    var second = second
    for _ in 0..<count(row) {
      visit(row: row + 1, end: end, first: first, second: second, body)
      first = first &+ firstStride(row)
      second = second &+ secondStride(row)
    }
  }

  /// The sum of what rows `row` to `end` walk by their first strides.
  func sum(_ values: UnsafePointer<Int8>, row: Int, end: Int) -> Int32 {
    guard row < end else { return Int32(values.pointee) }
    let count = count(row)
    let stride = firstStride(row)
    var sum: Int32 = 0
    var value = values
    // The innermost row is a loop of its own, or each value would cost a call.
    if row &+ 1 == end {
      for _ in 0..<count {
        sum = sum &+ Int32(value.pointee)
        value += stride
      }
    } else {
      for _ in 0..<count {
        sum = sum &+ self.sum(value, row: row &+ 1, end: end)
        value += stride
      }
    }
    return sum
  }
}
