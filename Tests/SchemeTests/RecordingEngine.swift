import Foundation
import RemoteEngine
import Synchronization

/// An engine that remembers which graph ran, and on what.
final class RecordingEngine: RemoteEngine {
  /// One item of a batch.
  struct Run: Sendable {
    /// The graph's file.
    let file: String
    /// The graph's one input.
    let features: [Float]
  }

  private let engine: any RemoteEngine
  private let runs = Mutex<[Run]>([])

  init(_ engine: any RemoteEngine) {
    self.engine = engine
  }

  func load(modelAt url: URL) throws -> any RemoteNetwork {
    RecordingNetwork(
      network: try engine.load(modelAt: url), file: url.lastPathComponent, engine: self)
  }

  /// What ran since the last call.
  func drain() -> [Run] {
    runs.withLock { runs in
      defer { runs = [] }
      return runs
    }
  }

  fileprivate func add(_ run: Run) { runs.withLock { $0.append(run) } }
}

private struct RecordingNetwork: RemoteNetwork {
  let network: any RemoteNetwork
  let file: String
  let engine: RecordingEngine

  var inputs: [TensorDescription] { network.inputs }
  var outputs: [TensorDescription] { network.outputs }

  func run(
    _ inputs: [String: [Float]], batch: Int, outputs: [String]
  ) throws -> [String: [Float]] {
    let features = inputs.values.first ?? []
    let size = features.count / batch
    for item in 0..<batch {
      engine.add(.init(file: file, features: Array(features[(item * size)..<((item + 1) * size)])))
    }
    return try network.run(inputs, batch: batch, outputs: outputs)
  }
}
