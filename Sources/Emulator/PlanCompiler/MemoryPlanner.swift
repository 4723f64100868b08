import MCUKernels

/// Places tensors in the arena so that those alive at once do not overlap, as low as it can.
///
/// Few tensors: every order of placing them is tried, each at its lowest free place, and among those
/// is an optimal plan. Many: the usual orders (by size, by size times lifetime, by start, by end),
/// then a seeded search that swaps pairs in the best one. It stops at the lower bound, the most that
/// is alive at once.
struct MemoryPlanner {
  /// A tensor's memory and when it is in use, both ends included.
  struct Block: Equatable, Sendable {
    let byteCount: Int
    let first: Int
    let last: Int

    func isAlive(with other: Block) -> Bool { first <= other.last && other.first <= last }
  }

  /// Two blocks that may share memory although both are in use when one ends and the other begins:
  /// an operator that reads `ending` row by row and writes `beginning` as it goes, which may run into
  /// what has been read for the last time.
  struct Overlap: Equatable, Sendable {
    let beginning: Int
    let ending: Int
    /// Bytes by which `beginning` must start below `ending` at least.
    let lead: Int
  }

  /// Where each block starts.
  let offsets: [Int]
  /// The end of the highest block.
  let peak: Int
  /// No plan for these blocks has a lower peak.
  let lowerBound: Int

  init(
    _ blocks: [Block], overlaps: [Overlap] = [], alignment: Int = PlanFormat.alignment
  ) {
    let aligned = blocks.map { block in
      Block(
        byteCount: Self.aligned(block.byteCount, to: alignment), first: block.first,
        last: block.last)
    }
    let gaps = Clearances(
      blocks: aligned,
      overlaps: overlaps.map { overlap in
        Overlap(
          beginning: overlap.beginning, ending: overlap.ending,
          lead: Self.aligned(overlap.lead, to: alignment))
      })
    lowerBound = gaps.lowerBound
    var search = PlacementSearch(blocks: aligned, clearances: gaps, goal: lowerBound)
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
}

/// How far apart blocks that are alive at once must start.
private struct Clearances {
  private let blocks: [MemoryPlanner.Block]
  /// By the block that begins; each begins in one operator, and so do those that end.
  private var overlaps: [Int: MemoryPlanner.Overlap] = [:]

  init(blocks: [MemoryPlanner.Block], overlaps: [MemoryPlanner.Overlap]) {
    self.blocks = blocks
    for overlap in overlaps where overlap.lead < blocks[overlap.beginning].byteCount {
      self.overlaps[overlap.beginning] = overlap
    }
  }

  /// Bytes from the start of the lower of two blocks to that of the upper.
  func clearance(lower: Int, upper: Int) -> Int {
    if let overlap = overlaps[lower], overlap.ending == upper { return overlap.lead }
    return blocks[lower].byteCount
  }

  /// The most bytes that are alive at once, which changes only where a block begins.
  var lowerBound: Int {
    blocks.map { start in
      let alive = blocks.indices.filter {
        blocks[$0].first <= start.first && start.first <= blocks[$0].last
      }
      return alive.reduce(0) { sum, index in
        guard let overlap = overlaps[index], alive.contains(overlap.ending) else {
          return sum + blocks[index].byteCount
        }
        let ending = blocks[overlap.ending].byteCount
        return sum + max(overlap.lead + ending, blocks[index].byteCount) - ending
      }
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
  let clearances: Clearances
  let goal: Int
  private(set) var bestOffsets: [Int]
  private(set) var bestPeak = Int.max

  init(blocks: [MemoryPlanner.Block], clearances: Clearances, goal: Int) {
    self.blocks = blocks
    self.clearances = clearances
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
      let offset = lowestPlace(of: index, beside: placed, offsets)
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

  /// The lowest place where a block keeps clear of those that are placed, which are in the order of
  /// their offsets.
  private func lowestPlace(of index: Int, beside placed: [Int], _ offsets: [Int]) -> Int {
    var offset = 0
    var isSettled = false
    // Whatever is in the way is in the way of all lower places too; past it, something that the block
    // fitted under may be.
    while !isSettled {
      isSettled = true
      for other in placed where blocks[other].isAlive(with: blocks[index]) {
        guard offset + clearances.clearance(lower: index, upper: other) > offsets[other] else {
          continue
        }
        let above = offsets[other] + clearances.clearance(lower: other, upper: index)
        if above > offset {
          offset = above
          isSettled = false
        }
      }
    }
    return offset
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
