import DeviceCore
import FeatureCoding
import Foundation
import PlanCompiler

/// Models run on chip and host side by side.
public struct FirmwareTrial {
  private let models: [FirmwareModel]
  private let inputs: [[[UInt8]]]

  /// - Parameter inputs: what each model is to infer from, one element for each inference.
  public init(_ models: [FirmwareModel], inputs: [[[UInt8]]]) {
    precondition(models.count == inputs.count)
    self.models = models
    self.inputs = inputs
  }

  /// - Throws: ``BenchError``; what the device program throws on the host.
  public func run(on bench: ChipBench, counting: Bool) throws -> Outcome {
    let traces = try zip(models, inputs).map { try $0.hasPaths ? $0.exchange($1) : [] }
    var jobs = zip(models, inputs).map { $0.job(inputs: $1, stepwise: counting) }
    for (index, trace) in traces.enumerated() { jobs[index].events = trace.map(BenchEvent.init) }
    let report = try bench.run(jobs, counting: counting)
    var differences: [String?] = []
    for (index, model) in models.enumerated() {
      differences.append(
        try Self.difference(
          of: report.results[index], of: model, inputs: inputs[index], trace: traces[index]))
    }
    return Outcome(
      models: models, results: report.results, counts: report.counts, differences: differences,
      inferences: inputs.map(\.count))
  }

  /// What the chip did otherwise than the host, in words; nil where it did the same.
  private static func difference(
    of result: BenchResult, of model: FirmwareModel, inputs: [[UInt8]], trace: [TracedEvent]
  ) throws -> String? {
    guard result.status == .ok else {
      return "stopped with code \(result.status.rawValue), \(result.status)"
    }
    let plan = try HostPlan(model.plan.image)
    for (number, input) in inputs.enumerated()
    where try plan.infer(input) != result.outputs[number] {
      return "inference \(number): the outputs differ"
    }
    return BenchResult.differences(of: result.events, from: trace).first
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

    /// Whether chip and host agreed on everything.
    public var isEqual: Bool { differences.allSatisfy { $0 == nil } }

    /// For people: a line a model, and the operators below it where they were counted.
    public var text: String {
      models.indices.map(text(ofModel:)).joined()
    }

    private func text(ofModel index: Int) -> String {
      let result = results[index]
      let plan = models[index].plan
      var text = "\(models[index].name): "
      text += differences[index] ?? "equal to the host"
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
      for (name, phase) in InstructionCounts.programPhases where counts.total(phase: phase) > 0 {
        let isOnce = phase == InstructionCounts.startPhase
        line(name, counts.total(phase: phase) / (isOnce ? 1 : runs), macs: 0)
      }
      return text
    }

    /// Every instruction's count: a line `job NAME INFERENCES CODER PARTS SYMBOLS
    /// REFERENCES BLOCKS PIXELS BYTES`, then
    /// `phase address count leaves` for each instruction (`docs/firmware.md`).
    public var instructionTable: String {
      var text = ""
      for (index, counts) in counts.enumerated() {
        let coded = results[index].coded
        let coder = coded.coder.map { "\($0)" } ?? "none"
        let work = coded.work.map(String.init).joined(separator: " ")
        text += "job \(models[index].name) \(inferences[index]) \(coder)"
        text += " \(coded.parts) \(work) \(coded.payloadBytes)\n"
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
