/// Why a model could not be compiled to a plan. Each is one line; an operator is named with its
/// index in the graph.
public enum CompileError: Error, Equatable, Sendable {
  /// The graph has an operator that the executor does not have.
  case unsupportedOperator(index: Int, name: String)
  /// The operator is known, this version of it is not.
  case unsupportedVersion(index: Int, name: String, version: Int, newest: Int)
  /// The operator is known, but not for a tensor of this type.
  case unsupportedType(index: Int, name: String, tensor: String, type: String)
  /// Shapes, parameters or quantisation of an operator do not fit together, or are beyond what the
  /// executor has.
  case invalidOperator(index: Int, name: String, reason: String)
  /// The graph itself is at fault.
  case invalidModel(reason: String)
  /// The graph does not have what the bundle's manifest says of it.
  case invalidBundle(reason: String)
  /// The bundle is one that plans do not have.
  case unsupportedBundle(reason: String)
}

extension CompileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unsupportedOperator(let index, let name):
      "operator \(index) (\(name)) is not supported"
    case .unsupportedVersion(let index, let name, let version, let newest):
      "operator \(index) (\(name)) has version \(version); versions up to \(newest) are supported"
    case .unsupportedType(let index, let name, let tensor, let type):
      "operator \(index) (\(name)): \(tensor) of type \(type) is not supported"
    case .invalidOperator(let index, let name, let reason):
      "operator \(index) (\(name)): \(reason)"
    case .invalidModel(let reason): "the model cannot be compiled: \(reason)"
    case .invalidBundle(let reason): "the bundle does not fit its device graph: \(reason)"
    case .unsupportedBundle(let reason): "the bundle cannot be compiled: \(reason)"
    }
  }
}
