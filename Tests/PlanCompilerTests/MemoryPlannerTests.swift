import SeededRandom
import Testing

@testable import PlanCompiler

@Suite struct MemoryPlannerTests {
  private typealias Block = MemoryPlanner.Block

  private func isValid(_ plan: MemoryPlanner, _ blocks: [Block]) -> Bool {
    for (a, first) in blocks.enumerated() {
      guard plan.offsets[a] % 16 == 0, plan.offsets[a] + first.byteCount <= plan.peak else {
        return false
      }
      for (b, second) in blocks.enumerated() where b > a && first.isAlive(with: second) {
        let isApart =
          plan.offsets[a] + first.byteCount <= plan.offsets[b]
          || plan.offsets[b] + second.byteCount <= plan.offsets[a]
        guard isApart else { return false }
      }
    }
    return true
  }

  /// The lowest peak there is, by trying every offset for every block.
  private func optimum(_ blocks: [Block]) -> Int {
    let sizes = blocks.map { ($0.byteCount + 15) / 16 }
    let limit = sizes.reduce(0, +)
    var best = limit
    var offsets = [Int](repeating: 0, count: blocks.count)
    func place(_ index: Int, _ peak: Int) {
      guard peak < best else { return }
      guard index < blocks.count else {
        best = peak
        return
      }
      for offset in 0...(limit - sizes[index]) {
        let isFree = (0..<index).allSatisfy { other in
          !blocks[index].isAlive(with: blocks[other])
            || offset + sizes[index] <= offsets[other]
            || offsets[other] + sizes[other] <= offset
        }
        guard isFree else { continue }
        offsets[index] = offset
        place(index + 1, max(peak, offset + sizes[index]))
      }
    }
    place(0, 0)
    return best * 16
  }

  @Test func `Small graphs get an optimal plan`() {
    var random = SplitMix64(seed: 6)
    for _ in 0..<100 {
      let blocks = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        let first = Int.random(in: 0...4, using: &random)
        return Block(
          byteCount: Int.random(in: 1...64, using: &random), first: first,
          last: first + Int.random(in: 0...3, using: &random))
      }
      let plan = MemoryPlanner(blocks)
      #expect(isValid(plan, blocks))
      #expect(plan.peak == optimum(blocks), "\(blocks)")
      #expect(plan.lowerBound <= plan.peak)
    }
  }

  /// No greedy order alone finds the best of these: a large block's neighbours in time must lie on
  /// different sides of it.
  @Test func `Where the lower bound cannot be reached`() {
    let blocks = [
      Block(byteCount: 16, first: 0, last: 1), Block(byteCount: 16, first: 1, last: 2),
      Block(byteCount: 32, first: 2, last: 3), Block(byteCount: 32, first: 0, last: 0),
      Block(byteCount: 16, first: 3, last: 3),
    ]
    #expect(MemoryPlanner(blocks).peak == optimum(blocks))
  }

  @Test func `Large graphs get a valid plan, the same each time`() {
    var random = SplitMix64(seed: 7)
    for count in [8, 16, 30] {
      let blocks = (0..<count).map { index in
        Block(
          byteCount: Int.random(in: 1...5000, using: &random), first: index,
          last: index + Int.random(in: 0...4, using: &random))
      }
      let plan = MemoryPlanner(blocks)
      #expect(isValid(plan, blocks))
      #expect(plan.offsets == MemoryPlanner(blocks).offsets)
      #expect(Double(plan.peak) < 1.3 * Double(plan.lowerBound))
    }
  }

  @Test func `A chain takes two neighbours' memory`() {
    let blocks = (0..<30).map { Block(byteCount: 160, first: $0, last: $0 + 1) }
    #expect(MemoryPlanner(blocks).peak == 320)
  }

  @Test func `Nothing takes nothing`() {
    #expect(MemoryPlanner([]).peak == 0)
  }
}
