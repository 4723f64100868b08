import SeededRandom

/// A point of a search space.
struct Candidate: Hashable, Codable, Sendable {
  struct Block: Hashable, Codable, Sendable {
    var kernel: Int
    var expansion: Int
  }

  struct Stage: Hashable, Codable, Sendable {
    var channels: Int
    var blocks: [Block]
  }

  var side: Int
  var stemChannels: Int
  var stemStride: Int
  var stages: [Stage]
  var head: Int

  func architecture(in space: SearchSpace) -> Architecture {
    var blocks: [Architecture.Block] = []
    for (stage, form) in zip(stages, space.stages) {
      for (index, block) in stage.blocks.enumerated() {
        blocks.append(
          Architecture.Block(
            expansion: block.expansion, kernel: block.kernel, channels: stage.channels,
            stride: index == 0 ? form.stride : 1))
      }
    }
    return Architecture(
      side: side, stemChannels: stemChannels, stemStride: stemStride, blocks: blocks, head: head)
  }

  /// A copy in which each choice is drawn anew with this probability.
  func mutated(
    in space: SearchSpace, probability: Double, _ random: inout SplitMix64
  ) -> Candidate {
    var copy = self
    func changes() -> Bool { random.unit() < probability }
    if changes() { copy.side = space.sides.drawn(&random) }
    if changes() { copy.stemChannels = space.stemChannels.drawn(&random) }
    if changes() { copy.stemStride = space.stemStrides.drawn(&random) }
    if changes() { copy.head = space.heads.drawn(&random) }
    for (index, form) in space.stages.enumerated() {
      if changes() { copy.stages[index].channels = form.channels.drawn(&random) }
      if changes() {
        let depth = form.depths.drawn(&random)
        var blocks = copy.stages[index].blocks
        while blocks.count < depth { blocks.append(form.drawBlock(&random)) }
        copy.stages[index].blocks = Array(blocks.prefix(depth))
      }
      for block in copy.stages[index].blocks.indices {
        if changes() { copy.stages[index].blocks[block].kernel = form.kernels.drawn(&random) }
        if changes() {
          copy.stages[index].blocks[block].expansion = form.expansions.drawn(&random)
        }
      }
    }
    return copy
  }

  /// Each choice of one of the two, a stage as a whole.
  func crossed(with other: Candidate, _ random: inout SplitMix64) -> Candidate {
    func isOwn() -> Bool { random.next() & 1 == 0 }
    var child = self
    if !isOwn() { child.side = other.side }
    if !isOwn() { (child.stemChannels, child.stemStride) = (other.stemChannels, other.stemStride) }
    if !isOwn() { child.head = other.head }
    for index in stages.indices where !isOwn() { child.stages[index] = other.stages[index] }
    return child
  }
}
