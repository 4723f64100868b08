import MCUKernels

/// The order in which a plan's operators run, cut into blocks: what the first target needs comes first,
/// then what the second needs besides, and so on. `docs/plan.md`, "Blocks".
struct OperatorOrder {
  /// Those that some target needs, in the order in which they run.
  let operators: [LoweredOperator]
  /// They follow one another from the first operator to the last; one at least.
  let blocks: [Range<Int>]
  /// By target: the blocks that it needs, a bit each from the lowest.
  let masks: [UInt32]

  /// All operators as they stand, in one block.
  init(_ operators: [LoweredOperator]) {
    self.operators = operators
    blocks = [0..<operators.count]
    masks = []
  }

  /// - Parameters:
  ///   - operators: in an order in which they can run.
  ///   - targets: buffers, each of them once, in the order in which they are wanted.
  /// - Throws: ``CompileError`` where they cut the operators into more blocks than a plan has.
  init(_ operators: [LoweredOperator], targets: [Int]) throws(CompileError) {
    // Each target has a block of its own, but for the image.
    guard targets.count <= PlanFormat.maximumBlocks + 1 else { throw Self.tooManyBlocks }
    let needs = Self.needs(operators, targets)
    // Whoever computes an operand of an operator is needed by all that need the operator. So it comes
    // earlier by each of these keys, or has the same ones, and then the order stays as it is.
    let order = operators.indices.filter { needs[$0] != 0 }.sorted { a, b in
      let (x, y) = (needs[a], needs[b])
      return (x.trailingZeroBitCount, y.nonzeroBitCount, x, a)
        < (y.trailingZeroBitCount, x.nonzeroBitCount, y, b)
    }
    var blocks: [Range<Int>] = []
    var masks = [UInt32](repeating: 0, count: targets.count)
    var start = 0
    for (position, index) in order.enumerated() {
      let isLast = position == order.count - 1 || needs[order[position + 1]] != needs[index]
      guard isLast else { continue }
      guard blocks.count < PlanFormat.maximumBlocks else { throw Self.tooManyBlocks }
      for target in targets.indices where needs[index] & 1 << UInt64(target) != 0 {
        masks[target] |= 1 << UInt32(blocks.count)
      }
      blocks.append(start..<(position + 1))
      start = position + 1
    }
    self.operators = order.map { operators[$0] }
    self.blocks = blocks.isEmpty ? [0..<0] : blocks
    self.masks = masks
  }

  private static let tooManyBlocks = CompileError.unsupportedBundle(
    reason: "what its paths need cuts the device graph into more than "
      + "\(PlanFormat.maximumBlocks) blocks")

  /// By operator: a bit for each target that needs it.
  private static func needs(_ operators: [LoweredOperator], _ targets: [Int]) -> [UInt64] {
    let all: UInt64 = (1 << UInt64(targets.count)) - 1
    var ofBuffer: [Int: UInt64] = [:]
    for (bit, buffer) in targets.enumerated() { ofBuffer[buffer, default: 0] |= 1 << UInt64(bit) }
    var ofOperator = [UInt64](repeating: 0, count: operators.count)
    // Whoever reads a buffer comes after all that write to it.
    for (index, operation) in operators.enumerated().reversed() {
      // The camera's image is what every run begins with.
      let need = operation.geometry.kind == .camera ? all : ofBuffer[operation.output] ?? 0
      ofOperator[index] = need
      for buffer in operation.inputBuffers { ofBuffer[buffer, default: 0] |= need }
    }
    return ofOperator
  }
}
