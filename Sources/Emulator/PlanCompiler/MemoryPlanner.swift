import MCUKernels

/// Places tensors in the arena so that those alive at once do not overlap, as low as it can.
///
/// Few tensors: every order of placing them is tried, each at its lowest free place, and among those
/// is an optimal plan. Many: the usual orders (by size, by size times lifetime, by start, by end),
/// then a seeded search that swaps pairs in the best one. It stops at the lower bound, the
/// largest sum of sizes alive at once.
struct MemoryPlanner {
  /// A tensor's memory and when it is in use, both ends included.
  struct Block: Equatable, Sendable {
    let byteCount: Int
    let first: Int
    let last: Int

    func isAlive(with other: Block) -> Bool { first <= other.last && other.first <= last }
  }

  /// Where each block starts.
  let offsets: [Int]
  /// The end of the highest block.
  let peak: Int
  /// No plan for these blocks has a lower peak.
  let lowerBound: Int

  init(_ blocks: [Block], alignment: Int = PlanFormat.alignment) {
    let aligned = blocks.map { block in
      Block(
        byteCount: Self.aligned(block.byteCount, to: alignment), first: block.first,
        last: block.last)
    }
    lowerBound = Self.lowerBound(aligned)
    var search = PlacementSearch(blocks: aligned, goal: lowerBound)
    search.run()
    offsets = search.bestOffsets
    peak = search.bestPeak
  }

  /// A size or an offset brought up to the next aligned one.
  static func aligned(_ bytes: Int, to alignment: Int = PlanFormat.alignment) -> Int {
    (bytes + alignment - 1) / alignment * alignment
  }

  /// The lowest aligned place for `byteCount` bytes beside ranges that are taken.
  static func lowestGap(of byteCount: Int, beside taken: [Range<Int>]) -> Int {
    var offset = 0
    for range in taken.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if offset + byteCount <= range.lowerBound { break }
      offset = max(offset, aligned(range.upperBound))
    }
    return offset
  }

  private static func lowerBound(_ blocks: [Block]) -> Int {
    // The sum changes only where a block begins.
    blocks.map { start in
      blocks.filter { $0.first <= start.first && start.first <= $0.last }
        .reduce(0) { $0 + $1.byteCount }
    }.max() ?? 0
  }
}

/// The search for an order in which to place blocks.
private struct PlacementSearch {
  /// Up to here all orders are tried: 5,040 of them.
  private static let exhaustiveLimit = 7
  private static let swapLimit = 4000
  /// Comparisons of two blocks in all swaps: a second or so at most.
  private static let comparisonLimit = 50_000_000

  let blocks: [MemoryPlanner.Block]
  let goal: Int
  private(set) var bestOffsets: [Int]
  private(set) var bestPeak = Int.max

  init(blocks: [MemoryPlanner.Block], goal: Int) {
    self.blocks = blocks
    self.goal = goal
    bestOffsets = [Int](repeating: 0, count: blocks.count)
    if blocks.isEmpty { bestPeak = 0 }
  }

  mutating func run() {
    let orders = usualOrders()
    for order in orders {
      place(order)
      if bestPeak <= goal { return }
    }
    if blocks.count <= Self.exhaustiveLimit {
      permute([], Array(blocks.indices))
    } else {
      swapPairs(from: orders)
    }
  }

  private func usualOrders() -> [[Int]] {
    let indices = Array(blocks.indices)
    func size(_ index: Int) -> Int { blocks[index].byteCount }
    func span(_ index: Int) -> Int { blocks[index].last - blocks[index].first + 1 }
    return [
      indices.sorted { (size($1), blocks[$0].first) < (size($0), blocks[$1].first) },
      indices.sorted { size($0) * span($0) > size($1) * span($1) },
      indices.sorted { (span($1), size($1)) < (span($0), size($0)) },
      indices.sorted { (blocks[$0].first, size($1)) < (blocks[$1].first, size($0)) },
      indices.sorted { (blocks[$1].last, size($1)) < (blocks[$0].last, size($0)) },
    ]
  }

  /// Places the blocks in this order, each as low as those before it let it.
  @discardableResult
  private mutating func place(_ order: [Int]) -> Int {
    var offsets = [Int](repeating: 0, count: blocks.count)
    var placed: [Int] = []
    var peak = 0
    for index in order {
      var offset = 0
      // By offset, so that the first gap that is wide enough is found in one pass.
      for other in placed where blocks[other].isAlive(with: blocks[index]) {
        if offset + blocks[index].byteCount <= offsets[other] { break }
        offset = max(offset, offsets[other] + blocks[other].byteCount)
      }
      offsets[index] = offset
      peak = max(peak, offset + blocks[index].byteCount)
      let position = placed.firstIndex { offsets[$0] > offset } ?? placed.endIndex
      placed.insert(index, at: position)
    }
    if peak < bestPeak {
      bestPeak = peak
      bestOffsets = offsets
    }
    return peak
  }

  private mutating func permute(_ chosen: [Int], _ rest: [Int]) {
    guard bestPeak > goal else { return }
    guard !rest.isEmpty else {
      place(chosen)
      return
    }
    for position in rest.indices {
      var others = rest
      let next = others.remove(at: position)
      permute(chosen + [next], others)
    }
  }

  /// From the best of `orders`, swaps two blocks at a time and keeps what is no worse.
  private mutating func swapPairs(from orders: [[Int]]) {
    guard var order = orders.min(by: { place($0) < place($1) }) else { return }
    var peak = place(order)
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func next(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    let swaps = min(Self.swapLimit, Self.comparisonLimit / (order.count * order.count))
    for _ in 0..<swaps where bestPeak > goal {
      let (a, b) = (next(order.count), next(order.count))
      order.swapAt(a, b)
      let candidate = place(order)
      if candidate <= peak {
        peak = candidate
      } else {
        order.swapAt(a, b)
      }
    }
  }
}
