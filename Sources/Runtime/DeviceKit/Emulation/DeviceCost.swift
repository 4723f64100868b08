import Board
import DeviceCore
import MCUKernels

/// What a piece of the device program's work costs on the board.
struct DeviceCost {
  let stage: Span.Stage
  let cycles: Int

  init(of work: DeviceWork, _ done: DeviceWorkDone, preset: KernelPreset, plan: Plan) {
    switch work {
    case .run(let operators):
      stage = Self.isExtraction(operators, of: plan) ? .extract : .local
      cycles = preset.cycles(for: operators.lazy.map(plan.geometry(ofOperator:)))
    case .code:
      stage = .code
      cycles =
        preset.cycles(quantising: done.symbols)
        + preset.cycles(encoding: done.symbols, into: done.payloadBytes, by: done.coder)
        + (done.frameBytes > 0 ? preset.cycles(framing: done.frameBytes) : 0)
    case .ask:
      stage = .ask
      cycles = preset.cycles(answeringBy: done.logits)
    }
  }

  /// Taking the server's frame apart, and weighing and comparing logits.
  static func cycles(of answer: DeviceAnswer, preset: KernelPreset) -> Int {
    preset.cycles(answeringBy: answer.logits, outOf: answer.frameBytes)
  }

  /// Whether some path needs the operators for what it sends.
  private static func isExtraction(_ operators: Range<Int>, of plan: Plan) -> Bool {
    for path in 0..<plan.pathCount {
      guard let blocks = plan.path(path).send?.blocks else { continue }
      for block in 0..<plan.blockCount
      where blocks >> UInt32(block) & 1 == 1
        && plan.block(block).contains(operators.lowerBound)
      {
        return true
      }
    }
    return false
  }
}
