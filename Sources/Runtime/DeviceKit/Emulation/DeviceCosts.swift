import Board
import DeviceCore
import FeatureCoding
import MCUKernels

/// What the device program's work costs on the board.
struct DeviceCosts {
  private let preset: KernelPreset
  /// By operator: its cycles, and whether some path needs it for what it sends.
  private let operators: [(cycles: Int, isExtraction: Bool)]

  /// An operator costs the same for every image, so that it is computed here once.
  init(of plan: Plan, preset: KernelPreset) {
    self.preset = preset
    operators = (0..<plan.operatorCount).map { index in
      (preset.cycles(for: plan.geometry(ofOperator: index)), Self.isExtraction(index, of: plan))
    }
  }

  /// A piece of work: what it is to a receipt, and its cycles.
  func cost(of work: DeviceWork, _ done: DeviceWorkDone) -> (stage: Span.Stage, cycles: Int) {
    switch work {
    case .run(let range):
      let isExtraction = range.first.map { operators[$0].isExtraction } ?? false
      return (
        isExtraction ? .extract : .local, operators[range].reduce(0) { $0 + $1.cycles }
      )
    case .code:
      let frame = done.frameBytes > 0 ? preset.cycles(framing: done.frameBytes) : 0
      return (.code, cycles(coding: done) + frame)
    case .ask: return (.ask, preset.cycles(answeringBy: done.logits))
    }
  }

  private func cycles(coding done: DeviceWorkDone) -> Int {
    func symbols(by coder: Coder) -> Int {
      preset.cycles(quantising: done.symbols)
        + preset.cycles(
          encoding: done.symbols, references: done.references, into: done.payloadBytes, by: coder)
    }
    return switch done.coder {
    case .raw: symbols(by: .raw)
    case .lzw: symbols(by: .lzw)
    case .range: symbols(by: .range)
    case .jpeg:
      preset.cycles(
        encodingBlocks: done.blocks, ofPixels: done.pixels, into: done.payloadBytes)
    // The host makes it: in favour of who sends one, it takes the chip no time.
    case .file: 0
    }
  }

  /// Taking the server's frame apart, and weighing and comparing logits.
  func cycles(of answer: DeviceAnswer) -> Int {
    preset.cycles(answeringBy: answer.logits, outOf: answer.frameBytes)
  }

  private static func isExtraction(_ index: Int, of plan: Plan) -> Bool {
    (0..<plan.pathCount).contains { path in
      guard let blocks = plan.path(path).send?.blocks else { return false }
      return (0..<plan.blockCount).contains { block in
        blocks >> UInt32(block) & 1 == 1 && plan.block(block).contains(index)
      }
    }
  }
}
