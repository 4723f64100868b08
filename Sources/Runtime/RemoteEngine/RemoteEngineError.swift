public import ExitStatus

/// Why a remote network could not be loaded or run.
public enum RemoteEngineError: ExitStatusProviding, Equatable, Sendable {
  /// No ONNX Runtime library where it was looked for.
  case libraryNotFound(String)
  /// A file that is no usable ONNX Runtime library.
  case libraryUnusable(path: String, reason: String)
  /// No model at that path.
  case modelNotFound(String)
  /// A file that ONNX Runtime cannot make a network of.
  case badModel(path: String, reason: String)
  /// Tensors that do not match the network.
  case tensorMismatch(String)
  /// The network failed while it ran, or ONNX Runtime failed otherwise.
  case failed(operation: String, reason: String)

  /// The status with which a command line ends on this error: 66 for what is missing, else 65.
  public var exitStatus: Int32 {
    switch self {
    case .libraryNotFound, .modelNotFound: ExitStatus.missingInput.rawValue
    case .libraryUnusable, .badModel, .tensorMismatch, .failed: ExitStatus.badData.rawValue
    }
  }
}

extension RemoteEngineError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .libraryNotFound(let place):
      "no ONNX Runtime library \(place); run scripts/setup, or name the library with "
        + "--engine-library or $AGILENN_ONNXRUNTIME"
    case .libraryUnusable(let path, let reason):
      "\(path): not a usable ONNX Runtime library: \(reason)"
    case .modelNotFound(let path):
      "\(path): no such model"
    case .badModel(let path, let reason):
      "\(path): not a model that ONNX Runtime can run: \(reason)"
    case .tensorMismatch(let text):
      text
    case .failed(let operation, let reason):
      "ONNX Runtime could not \(operation): \(reason)"
    }
  }
}
