/// Where a graph's buffers lie in the arena: lifetimes, sharing in place and row by row, and the memory
/// plan; and where each operator's scratch lies, in what the tensors leave free or behind them.
struct ArenaLayout {
  let arenaSize: Int
  /// The end of the highest tensor.
  let tensorPeak: Int
  let lowerBound: Int
  /// Where each buffer starts.
  let offsets: [Int]
  /// In use from this record to that one; an input from before the first (-1), an output to behind the
  /// last.
  let lifetimes: [ClosedRange<Int>]
  /// Where each operator's scratch starts; 0 where it has none.
  let scratchOffsets: [Int]

  /// - Parameters:
  ///   - inputs: the buffers that are written before the first record.
  ///   - outputs: the buffers that are read after the last record.
  init(buffers: [GraphLowering.Buffer], operators: [LoweredOperator], inputs: [Int], outputs: [Int])
  {
    let end = operators.count
    var first = [Int](repeating: end, count: buffers.count)
    var last = [Int](repeating: -1, count: buffers.count)
    for input in inputs { first[input] = -1 }
    for (index, operation) in operators.enumerated() {
      first[operation.output] = min(first[operation.output], index)
      last[operation.output] = max(last[operation.output], index)
      for buffer in operation.inputBuffers { last[buffer] = max(last[buffer], index) }
    }
    for output in outputs { last[output] = end }
    let lifetimes = buffers.indices.map { min(first[$0], end)...max(last[$0], min(first[$0], end)) }

    // A buffer that takes over another's memory in place is one block with it.
    var blockOf = Array(buffers.indices)
    var blockLast = lifetimes.map(\.upperBound)
    for (index, operation) in operators.enumerated() where operation.mayRunInPlace {
      let takenOver = operation.inputBuffers.first { buffer in
        blockLast[blockOf[buffer]] == index
          && buffers[buffer].byteCount == buffers[operation.output].byteCount
          && lifetimes[operation.output].lowerBound == index
          && blockOf[operation.output] == operation.output
      }
      if let takenOver {
        blockOf[operation.output] = blockOf[takenOver]
        blockLast[blockOf[takenOver]] = lifetimes[operation.output].upperBound
      }
    }
    // What nobody writes or reads, such as a SPLIT's output that is not wanted, needs no place.
    let roots = buffers.indices.filter { blockOf[$0] == $0 && (first[$0] < end || last[$0] >= 0) }
    let position = Dictionary(uniqueKeysWithValues: zip(roots, roots.indices))
    let overlaps = operators.enumerated().compactMap { index, operation -> MemoryPlanner.Overlap? in
      guard let lead = operation.rowLead, let input = operation.inputBuffers.first,
        blockLast[blockOf[input]] == index, lifetimes[operation.output].lowerBound == index,
        let beginning = position[operation.output], let ending = position[blockOf[input]]
      else { return nil }
      return MemoryPlanner.Overlap(beginning: beginning, ending: ending, lead: lead)
    }
    let plan = MemoryPlanner(
      roots.map { root in
        MemoryPlanner.Block(
          byteCount: buffers[root].byteCount, first: lifetimes[root].lowerBound,
          last: blockLast[root])
      }, overlaps: overlaps)
    let placed = Dictionary(uniqueKeysWithValues: zip(roots, plan.offsets))
    offsets = buffers.indices.map { placed[blockOf[$0]] ?? 0 }
    let offsets = offsets
    scratchOffsets = operators.enumerated().map { index, operation in
      let taken = buffers.indices.filter { lifetimes[$0].contains(index) }.map {
        offsets[$0]..<(offsets[$0] + buffers[$0].byteCount)
      }
      return operation.scratchBytes > 0
        ? MemoryPlanner.lowestGap(of: operation.scratchBytes, beside: taken) : 0
    }
    tensorPeak = plan.peak
    arenaSize = zip(operators, scratchOffsets).reduce(plan.peak) { peak, scratch in
      max(peak, MemoryPlanner.aligned(scratch.1 + scratch.0.scratchBytes))
    }
    lowerBound = plan.lowerBound
    self.lifetimes = lifetimes
  }
}
