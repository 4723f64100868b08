/// Where an answer of a path comes from: logits of the device's own, or the server's.
public struct PlanExit {
  private let plan: Plan
  private let record: PlanRecord

  init(plan: Plan, record: PlanRecord) {
    self.plan = plan
    self.record = record
  }

  public var isServer: Bool { record.byte(PlanFormat.Exit.place) == PlanFormat.Exit.placeServer }

  /// The int8 logits, one for each class, an output of the plan; nil for a server exit.
  public var tensor: PlanTensor? { isServer ? nil : plan.output(tensorIndex) }

  private var tensorIndex: Int { Int(record.half(PlanFormat.Exit.tensor)) }

  /// The blocks that must have run before the logits are there, a bit each from the lowest; 0 for a
  /// server exit.
  public var blocks: UInt32 { record.word(PlanFormat.Exit.blocks) }

  /// At or above this confidence the exit may answer alone, 0 to 1; 2 where it never does.
  public var threshold: Float { record.float(PlanFormat.Exit.threshold) }

  /// exp(-d · scale / temperature) for differences d = 0 to 255 from the largest int8 logit; nil for
  /// a server exit.
  ///
  /// The confidence is the largest softmax probability: 1 / Σ over the classes of the table's number
  /// for the class's difference.
  public var confidenceTable: UnsafeBufferPointer<Float>? {
    guard !isServer else { return nil }
    return numbers(
      at: record.word(PlanFormat.Exit.confidenceOffset), count: PlanFormat.confidenceTableCount)
  }

  /// The weight of this exit's logits beside the server's, each 0 to 1: one number, or one for each
  /// count of whole channels that the server had, from none to all. nil: the server answers alone.
  ///
  /// Only the last device exit of a path with a server exit has it.
  public var alpha: UnsafeBufferPointer<Float>? {
    guard alphaCount > 0 else { return nil }
    return numbers(at: record.word(PlanFormat.Exit.alphaOffset), count: alphaCount)
  }

  private var alphaCount: Int { Int(record.half(PlanFormat.Exit.alphaCount)) }

  /// Numbers of the image, which the machine's order of bytes lets be read where they lie.
  private func numbers(at offset: UInt32, count: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(
      start: (plan.imageBase + Int(offset)).assumingMemoryBound(to: Float.self), count: count)
  }

  /// Whether the record is in range, its tensor has a logit for each class and its tables are inside
  /// the image.
  var isValid: Bool {
    typealias Exit = PlanFormat.Exit
    guard record.byte(Exit.place) <= Exit.placeServer, record.byte(1) == 0,
      record.isZero(Exit.reserved..<PlanFormat.exitRecordSize),
      (threshold >= 0 && threshold <= 1) || threshold == Exit.never
    else { return false }
    guard !isServer else {
      return tensorIndex == 0 && blocks == 0 && threshold == Exit.never && alphaCount == 0
        && record.word(Exit.confidenceOffset) == 0 && record.word(Exit.alphaOffset) == 0
    }
    guard tensorIndex < plan.outputCount, plan.isMask(blocks) else { return false }
    let tensor = plan.output(tensorIndex)
    guard tensor.elementType == .int8, tensor.byteCount == plan.classCount, tensor.scale > 0,
      tensor.scale.isFinite,
      plan.hasTable(
        at: record.word(Exit.confidenceOffset), count: PlanFormat.confidenceTableCount, size: 4),
      let confidence = confidenceTable, confidence[0] == 1, Self.areShares(confidence)
    else { return false }
    guard alphaCount > 0 else { return record.word(Exit.alphaOffset) == 0 }
    guard plan.hasTable(at: record.word(Exit.alphaOffset), count: alphaCount, size: 4),
      let alpha
    else { return false }
    return Self.areShares(alpha)
  }

  private static func areShares(_ numbers: UnsafeBufferPointer<Float>) -> Bool {
    for number in numbers where !(number >= 0 && number <= 1) { return false }
    return true
  }
}

/// An exit is a view of the plan's immutable image.
extension PlanExit: @unchecked Sendable {}
