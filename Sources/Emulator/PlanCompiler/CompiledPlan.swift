public import MCUKernels

/// A plan image and what the compiler knows of it that the chip need not.
public struct CompiledPlan: Equatable, Sendable {
  /// What goes into flash: `docs/plan.md`.
  public let image: [UInt8]
  /// Bytes of SRAM that running takes: the peak of the memory plan, scratch included.
  public let arenaSize: Int
  /// The peak of the tensors alone.
  public let tensorPeak: Int
  /// The most that tensors alive at once take, where they share what they may: no memory plan of this
  /// order of operators is smaller.
  public let arenaLowerBound: Int
  /// In the subgraph's order. A camera's image takes the place of the input that it becomes.
  public let inputs: [TensorSummary]
  /// In the subgraph's order: a bundle's are those that some path sends or answers with.
  public let outputs: [TensorSummary]
  /// The plan's records, in order of execution.
  public let operators: [OperatorSummary]
  /// The operators' blocks, which follow one another: `docs/plan.md`, "Blocks".
  public let blocks: [Range<Int>]
  /// Who holds which bytes of the arena, and when; by first operator.
  public let arenaTenants: [ArenaTenant]

  /// All multiply-accumulates of one run.
  public var macs: Int { operators.reduce(0) { $0 + $1.macs } }
}

/// One input or output of a plan.
public struct TensorSummary: Equatable, Sendable {
  public let name: String
  public let shape: [Int]
  /// `int8`, `uint8` or `float32`.
  public let type: String
  /// Nil for float32.
  public let scale: Float?
  /// Nil for float32.
  public let zeroPoint: Int?
  /// Bytes from the arena's start.
  public let offset: Int
  public let byteCount: Int
}

/// One record of a plan.
public struct OperatorSummary: Equatable, Sendable {
  /// Position in the plan.
  public let index: Int
  /// Position in the model's graph, nil for the camera. A SPLIT has a record for each output and a
  /// CONCATENATION one for each input; a RESHAPE has none, for it shares its input's memory.
  public let graphIndex: Int?
  /// The graph's name, such as `CONV_2D`.
  public let name: String
  public let macs: Int
  public let geometry: OperatorGeometry
}

/// A tensor in the arena, or an operator's scratch.
public struct ArenaTenant: Equatable, Sendable {
  public let name: String
  public let offset: Int
  public let byteCount: Int
  /// The record that writes it; 0 for an input.
  public let firstOperator: Int
  /// The last record that reads it; the last of all for an output.
  public let lastOperator: Int
}
