/// One operator of the subgraph, in the file's order, which is an order of execution.
public struct TFLiteOperator: Equatable, Sendable {
  /// Position in the subgraph.
  public let index: Int
  public let code: BuiltinOperatorCode
  /// The schema's name, such as `CONV_2D`; a custom operator's own name.
  public let name: String
  /// The version of the operator's definition; 1 where the file says nothing.
  public let version: Int
  /// Tensor indices; -1 stands for an optional input that is absent.
  public let inputs: [Int]
  /// Tensor indices.
  public let outputs: [Int]
  public let options: OperatorOptions

  public init(
    index: Int, code: BuiltinOperatorCode, name: String, version: Int, inputs: [Int],
    outputs: [Int], options: OperatorOptions
  ) {
    self.index = index
    self.code = code
    self.name = name
    self.version = version
    self.inputs = inputs
    self.outputs = outputs
    self.options = options
  }
}
