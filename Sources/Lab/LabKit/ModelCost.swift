public import Board
public import PlanCompiler
import Report

/// What a compiled plan costs on each kernel preset.
public struct ModelCost {
  /// One operator's row.
  public struct Operator {
    public let index: Int
    /// As TensorFlow Lite spells it.
    public let name: String
    public let macs: Int
    /// By preset, in the order of ``ModelCost/presets``.
    public let cycles: [Int]
  }

  public let presets: [KernelPreset]
  public let megahertz: Double
  public let operators: [Operator]

  public init(of plan: CompiledPlan, presets: [KernelPreset], megahertz: Double) {
    self.presets = presets
    self.megahertz = megahertz
    operators = plan.operators.map { summary in
      Operator(
        index: summary.index, name: summary.name, macs: summary.macs,
        cycles: presets.map { $0.cycles(for: summary.geometry) })
    }
  }

  public var macs: Int { operators.reduce(0) { $0 + $1.macs } }

  /// Cycles of the whole graph, by preset.
  public var cycles: [Int] {
    presets.indices.map { preset in operators.reduce(0) { $0 + $1.cycles[preset] } }
  }

  /// Time of the whole graph at the clock, by preset.
  public var milliseconds: [Double] {
    cycles.map { Double($0) / megahertz / 1000 }
  }

  /// `"cycles"` and `"milliseconds"`, each an object by preset.
  var members: [JSONValue.Member] {
    [
      .init("cycles", byPreset(cycles.map(JSONValue.integer))),
      .init("milliseconds", byPreset(milliseconds.map(JSONValue.number))),
    ]
  }

  func byPreset(_ values: [JSONValue]) -> JSONValue {
    .object(zip(presets, values).map { .init($0.name, $1) })
  }
}
