extension Plan {
  /// The operators of block `index`. Blocks follow one another from the first operator to the last;
  /// the plan's owner runs those that it needs in increasing order, each at most once an image. An
  /// index that the plan does not have is a caller's bug.
  public func block(_ index: Int) -> Range<Int> {
    precondition(index >= 0 && index < blockCount)
    return (index == 0 ? 0 : blockEnd(index - 1))..<blockEnd(index)
  }

  /// Whether the blocks follow one another from the first operator to the last, none empty but that of
  /// a model without operators: an empty one would never have run.
  var hasValidBlocks: Bool {
    var start = 0
    for index in 0..<blockCount {
      let end = blockEnd(index)
      guard end <= operatorCount, end > start || operatorCount == 0 else {
        return false
      }
      start = end
    }
    return start == operatorCount
  }

  /// Whether a mask names blocks of the plan, and one at least.
  func isMask(_ blocks: UInt32) -> Bool {
    blocks != 0 && (blockCount == PlanFormat.maximumBlocks || blocks >> UInt32(blockCount) == 0)
  }

  private func blockEnd(_ index: Int) -> Int {
    Int(clamping: blocks.word(PlanFormat.blockEntrySize * index))
  }
}
