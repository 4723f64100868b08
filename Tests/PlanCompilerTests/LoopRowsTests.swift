import SeededRandom
import Testing

@testable import PlanCompiler

@Suite struct LoopRowsTests {
  private func steps(_ rows: [LoopRows.Row]) -> [[Int]] {
    rows.reduce([[0, 0]]) { steps, row in
      steps.flatMap { step in
        (0..<row.count).map {
          [step[0] + $0 * row.firstStride, step[1] + $0 * row.secondStride]
        }
      }
    }
  }

  @Test func `Merged rows take the same steps`() {
    var random = SplitMix64(seed: 8)
    for _ in 0..<500 {
      let rows = (0..<Int.random(in: 0...5, using: &random)).map { _ in
        LoopRows.Row(
          count: Int.random(in: 1...3, using: &random),
          firstStride: Int.random(in: -2...4, using: &random),
          secondStride: Int.random(in: 0...4, using: &random))
      }
      #expect(steps(LoopRows(rows).rows) == steps(rows))
    }
  }

  @Test func `A tensor without gaps is one run`() {
    let strides = LoopRows.strides(of: [2, 3, 4])
    #expect(strides == [12, 4, 1])
    var rows = LoopRows(
      zip([2, 3, 4], strides).map { .init(count: $0, firstStride: $1, secondStride: $1) })
    #expect(rows.rows.count == 1)
    #expect(rows.takeRun() == 24)
    #expect(rows.rows.isEmpty)
    #expect(rows.takeRun() == 1)
  }

  @Test func `Rows as words`() {
    let rows = LoopRows([.init(count: 2, firstStride: -3, secondStride: 7)])
    #expect(rows.words == [2, -3, 7])
  }
}
