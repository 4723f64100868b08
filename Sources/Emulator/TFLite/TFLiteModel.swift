import BundleFormat
public import Foundation

/// A TensorFlow Lite model with one subgraph, read from a `.tflite` file and checked.
///
/// After a successful read every tensor index in `operators`, `inputs` and `outputs` is in range,
/// every constant has exactly the bytes that its shape asks for, and strides, dilations and filter
/// extents are at least 1. Whether the operators' shapes fit together is not checked here.
/// Schema: TensorFlow Lite's schema.fbs, version 3.
public struct TFLiteModel: Equatable, Sendable {
  /// What the file says of itself; often empty.
  public let description: String
  /// The subgraph's name; often empty.
  public let name: String
  public let tensors: [TFLiteTensor]
  /// In an order of execution.
  public let operators: [TFLiteOperator]
  /// Tensor indices of the subgraph's inputs, in the order in which a caller gives them.
  public let inputs: [Int]
  /// Tensor indices of the subgraph's outputs.
  public let outputs: [Int]

  /// A model put together by hand; the indices are the caller's business.
  public init(
    description: String = "", name: String = "", tensors: [TFLiteTensor],
    operators: [TFLiteOperator], inputs: [Int], outputs: [Int]
  ) {
    self.description = description
    self.name = name
    self.tensors = tensors
    self.operators = operators
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Reads a model from a file's bytes.
  public init(bytes: [UInt8]) throws(TFLiteError) {
    var parser = try TFLiteParser(bytes: bytes)
    self = try parser.model()
  }

  /// The longest file that is read, in bytes: far beyond what any board of ours holds.
  static let largestFile = 256 << 20

  /// Reads a model from a file.
  public init(contentsOf url: URL) throws(TFLiteError) {
    let contents: Data
    do {
      contents = try BoundedFile.read(url.path, limit: Self.largestFile)
    } catch {
      switch error {
      case .missing: throw .unreadable(path: url.path, reason: "there is no such file")
      case .unreadable(let reason): throw .unreadable(path: url.path, reason: reason)
      case .notAFile: throw .unreadable(path: url.path, reason: "it is not a file")
      case .tooLong:
        throw .unreadable(path: url.path, reason: "it is longer than \(Self.largestFile) bytes")
      }
    }
    try self.init(bytes: [UInt8](contents))
  }
}
