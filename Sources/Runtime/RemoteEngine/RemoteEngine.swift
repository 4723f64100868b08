public import Foundation

/// Runs remote networks: the part of the server that executes a bundle's ONNX graph.
public protocol RemoteEngine: Sendable {
  /// Loads a network from its file.
  ///
  /// - Throws: `RemoteEngineError` when the file is missing or is no model that the engine can run.
  func load(modelAt url: URL) throws -> any RemoteNetwork
}

/// A loaded network. Tensors go by name and hold float32 values; the first axis of each is the
/// batch. Any number of threads may run one network at the same time.
public protocol RemoteNetwork: Sendable {
  var inputs: [TensorDescription] { get }
  var outputs: [TensorDescription] { get }

  /// Runs the network over a batch.
  ///
  /// - Parameters:
  ///   - inputs: the values of every input by name, row-major, `batch` items one after another.
  ///   - batch: how many items, at least 1.
  ///   - outputs: the names of the outputs that are wanted.
  /// - Returns: the wanted outputs by name, row-major, `batch` items one after another.
  /// - Throws: `RemoteEngineError` when names, counts or element types do not match the network, or
  ///   the run fails.
  func run(
    _ inputs: [String: [Float]], batch: Int, outputs: [String]
  ) throws -> [String: [Float]]
}
