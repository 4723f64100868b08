import Foundation
import PlanCompiler

/// Models run on firmware and emulator side by side.
public struct FirmwareTrial {
  private let models: [FirmwareModel]
  private let inputs: [[[UInt8]]]

  /// - Parameter inputs: what each model is to infer from, one element for each inference.
  public init(_ models: [FirmwareModel], inputs: [[[UInt8]]]) {
    precondition(models.count == inputs.count)
    self.models = models
    self.inputs = inputs
  }

  /// - Throws: ``BenchError``; what the emulator throws.
  public func run(on bench: FirmwareBench, counting: Bool) throws -> Outcome {
    let jobs = zip(models, inputs).map { $0.job(inputs: $1, stepwise: counting) }
    let report = try bench.run(jobs, counting: counting)
    var differences: [String?] = []
    for (index, model) in models.enumerated() {
      let result = report.results[index]
      guard result.status == .ok else {
        differences.append("stopped with code \(result.status.rawValue), \(result.status)")
        continue
      }
      let device = try EmulatedDevice(model.plan)
      var difference: String?
      for (number, input) in inputs[index].enumerated() where difference == nil {
        let expected = try device.infer(input, identifier: UInt32(number), path: model.path)
        difference = result.inferences[number].difference(from: expected)
          .map { "inference \(number): \($0)" }
      }
      differences.append(difference)
    }
    return Outcome(
      models: models, results: report.results, counts: report.counts, differences: differences,
      inferences: inputs.map(\.count))
  }
}

extension BenchResult.Inference {
  /// What differs from the emulator's, in words; nil where nothing does.
  public func difference(from expected: BenchResult.Inference) -> String? {
    if outputs != expected.outputs { return "the outputs differ" }
    if symbols != expected.symbols { return "the symbols differ" }
    if frame != expected.frame { return "the frame differs" }
    return nil
  }
}

extension FirmwareTrial {
  /// What came of it.
  public struct Outcome {
    let models: [FirmwareModel]
    let results: [BenchResult]
    let counts: [InstructionCounts]
    let differences: [String?]
    let inferences: [Int]

    /// Whether firmware and emulator agreed on everything.
    public var isEqual: Bool { differences.allSatisfy { $0 == nil } }

    /// For people: a line a model, and the operators below it where they were counted.
    public var text: String {
      models.indices.map(text(ofModel:)).joined()
    }

    private func text(ofModel index: Int) -> String {
      let result = results[index]
      let plan = models[index].plan
      var text = "\(models[index].name): "
      text += differences[index] ?? "equal to the emulator"
      text += ", stack \(result.stackUsed), arena \(result.arenaUsed) of \(plan.arenaSize)"
      text += ", plan \(plan.image.count) bytes\n"
      guard !counts.isEmpty else { return text }
      let runs = max(inferences[index], 1)
      func line(_ name: String, _ instructions: Int, macs: Int) {
        let rate = macs > 0 ? String(format: "%12.3f", Double(instructions) / Double(macs)) : ""
        text += String(format: "  %12d %12d", instructions, macs) + rate + "  \(name)\n"
      }
      text += "  instructions         MACs     each MAC\n"
      let counts = counts[index]
      for (summary, total) in zip(plan.operators, counts.operators(plan.operators.count)) {
        line("\(summary.index) \(summary.name)", total / runs, macs: summary.macs)
      }
      line("request", counts.total(phase: InstructionCounts.requestPhase) / runs, macs: 0)
      line("start", counts.total(phase: InstructionCounts.startPhase), macs: 0)
      return text
    }

    /// Every instruction's count: a line `job NAME INFERENCES SYMBOLS FRAMEBYTES`, then
    /// `phase address count leaves` for each instruction (`docs/firmware.md`).
    public var instructionTable: String {
      var text = ""
      for (index, counts) in counts.enumerated() {
        let done = results[index].inferences
        text += "job \(models[index].name) \(inferences[index])"
        text += " \(done.reduce(0) { $0 + $1.symbols.count })"
        text += " \(done.reduce(0) { $0 + $1.frame.count })\n"
        for (phase, entries) in counts.phases.sorted(by: { $0.key < $1.key }) {
          for entry in entries {
            text += "\(phase) " + String(format: "%08x", entry.address)
            text += " \(entry.count) \(entry.leaves)\n"
          }
        }
      }
      return text
    }
  }
}
