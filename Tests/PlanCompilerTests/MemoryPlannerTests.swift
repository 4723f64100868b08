import SeededRandom
import Testing

@testable import PlanCompiler

@Suite struct MemoryPlannerTests {
  private typealias Block = MemoryPlanner.Block

  private typealias Overlap = MemoryPlanner.Overlap

  private func isValid(
    _ plan: MemoryPlanner, _ blocks: [Block], _ overlaps: [Overlap] = []
  ) -> Bool {
    for (a, first) in blocks.enumerated() {
      guard plan.offsets[a] % 16 == 0, plan.offsets[a] + first.byteCount <= plan.peak else {
        return false
      }
      for (b, second) in blocks.enumerated() where b > a && first.isAlive(with: second) {
        guard isApart(a, plan.offsets[a], b, plan.offsets[b], blocks, overlaps) else {
          return false
        }
      }
    }
    return true
  }

  private func isApart(
    _ a: Int, _ aOffset: Int, _ b: Int, _ bOffset: Int, _ blocks: [Block], _ overlaps: [Overlap]
  ) -> Bool {
    aOffset + blocks[a].byteCount <= bOffset || bOffset + blocks[b].byteCount <= aOffset
      || overlaps.contains {
        ($0.beginning, $0.ending) == (a, b) && aOffset + $0.lead <= bOffset
          || ($0.beginning, $0.ending) == (b, a) && bOffset + $0.lead <= aOffset
      }
  }

  /// The lowest peak there is, by trying every offset for every block.
  private func optimum(_ blocks: [Block], _ overlaps: [Overlap] = []) -> Int {
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
            || isApart(index, offset * 16, other, offsets[other] * 16, blocks, overlaps)
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

  /// Each block of a chain may run into the one before it.
  @Test func `Blocks that may run into one another, optimally`() {
    var random = SplitMix64(seed: 8)
    var better = 0
    for _ in 0..<100 {
      let blocks = (0..<Int.random(in: 2...5, using: &random)).map { index in
        Block(byteCount: Int.random(in: 1...64, using: &random), first: index, last: index + 1)
      }
      let overlaps = (1..<blocks.count).map { index in
        Overlap(
          beginning: index, ending: index - 1, lead: Int.random(in: 0...64, using: &random))
      }
      let plan = MemoryPlanner(blocks, overlaps: overlaps)
      #expect(isValid(plan, blocks, overlaps))
      #expect(plan.peak == optimum(blocks, overlaps), "\(blocks) \(overlaps)")
      #expect(plan.lowerBound <= plan.peak)
      better += plan.peak < MemoryPlanner(blocks).peak ? 1 : 0
    }
    #expect(better > 20)
  }

  @Test func `Nothing takes nothing`() {
    #expect(MemoryPlanner([]).peak == 0)
  }
}
