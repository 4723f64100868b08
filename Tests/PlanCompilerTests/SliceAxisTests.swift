import Testing

@testable import PlanCompiler

@Suite struct SliceAxisTests {
  /// What Python's `range(extent)[begin:end:step]` takes, position by position.
  private func taken(_ extent: Int, _ begin: Int?, _ end: Int?, _ step: Int) -> [Int] {
    func position(_ value: Int) -> Int {
      let absolute = value < 0 ? value + extent : value
      return step > 0 ? min(max(absolute, 0), extent) : min(max(absolute, -1), extent - 1)
    }
    let first = begin.map(position) ?? (step > 0 ? 0 : extent - 1)
    let last = end.map(position) ?? (step > 0 ? extent : -1)
    return Array(stride(from: first, to: last, by: step))
  }

  @Test func `Every small slice`() {
    var wrong: [String] = []
    for extent in 1...4 {
      for begin in -6...6 {
        for end in -6...6 {
          for step in [-3, -2, -1, 1, 2, 3] {
            for mask in 0..<4 {
              let expected = taken(
                extent, mask & 1 == 1 ? nil : begin, mask & 2 == 2 ? nil : end, step)
              let axis = SliceAxis(
                extent: extent, begin: begin, end: end, step: step, ignoresBegin: mask & 1 == 1,
                ignoresEnd: mask & 2 == 2, isDropped: false)
              let positions = axis.map { axis in (0..<axis.count).map { axis.first + $0 * step } }
              if (positions ?? []) != expected {
                wrong.append("\(extent) [\(begin):\(end):\(step)] \(mask)")
              }
            }
          }
        }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test func `A dropped dimension is one position`() {
    for begin in -3...2 {
      let axis = SliceAxis(
        extent: 3, begin: begin, end: 0, step: 1, ignoresBegin: false, ignoresEnd: false,
        isDropped: true)
      #expect(axis?.count == 1)
      #expect(axis?.first == (begin + 3) % 3)
    }
    #expect(
      SliceAxis(
        extent: 3, begin: 3, end: 4, step: 1, ignoresBegin: false, ignoresEnd: false,
        isDropped: true) == nil)
  }

  @Test func `A step of zero is none`() {
    #expect(
      SliceAxis(
        extent: 3, begin: 0, end: 3, step: 0, ignoresBegin: false, ignoresEnd: false,
        isDropped: false) == nil)
  }
}
