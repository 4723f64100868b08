/// Why a `.tflite` file could not be read. Each is one line that names the place in the file.
public enum TFLiteError: Error, Equatable, Sendable {
  /// The file could not be opened or read; the reason is the system's.
  case unreadable(path: String, reason: String)
  /// Fewer bytes than the shortest FlatBuffers header.
  case tooSmall(byteCount: Int)
  /// Bytes 4 to 7 are not `TFL3`.
  case notTFLite
  /// The schema's version is not 3.
  case unsupportedSchema(version: Int)
  /// A file must hold exactly one subgraph.
  case subgraphCount(Int)
  /// What the file says at `place` cannot be: an offset that leaves the file, an index out of
  /// range, a buffer that does not fit its tensor's shape.
  case malformed(place: TFLitePlace, reason: String)
}

/// A place in a `.tflite` file, as error messages name it.
public enum TFLitePlace: Equatable, Sendable, CustomStringConvertible {
  case model
  case subgraph
  case buffer(Int)
  case tensor(Int)
  case operatorCode(Int)
  /// The operator's index in the subgraph; the name is empty until its code has been read.
  case operation(Int, name: String)

  public var description: String {
    switch self {
    case .model: "model"
    case .subgraph: "subgraph"
    case .buffer(let index): "buffer \(index)"
    case .tensor(let index): "tensor \(index)"
    case .operatorCode(let index): "operator code \(index)"
    case .operation(let index, let name):
      name.isEmpty ? "operator \(index)" : "operator \(index) (\(name))"
    }
  }
}

extension TFLiteError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .tooSmall(let byteCount): "not a .tflite file: only \(byteCount) bytes"
    case .notTFLite: "not a .tflite file: the identifier is not TFL3"
    case .unsupportedSchema(let version): "unsupported .tflite schema version \(version), not 3"
    case .subgraphCount(let count): "the .tflite file has \(count) subgraphs, not 1"
    case .malformed(let place, let reason): "malformed .tflite file: \(place): \(reason)"
    }
  }
}
