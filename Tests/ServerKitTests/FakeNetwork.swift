import Foundation
import RemoteEngine
import Synchronization

/// A network that needs no library: logit c is Σ features[i] · weight(i, c), plus a bias that tells
/// one network from another. It can be held up, and remembers the batches that it was given.
final class FakeNetwork: RemoteNetwork {
  enum Failure: Error { case asked }

  let inputs: [TensorDescription]
  let outputs: [TensorDescription]
  /// Shut, runs wait.
  let gate = Gate()
  private let bias: Float
  private let seen = Mutex<[Int]>([])

  init(bias: Float = 0, input: [Int] = [-1, 2, 2, 2], output: [Int] = [-1, 3]) {
    self.bias = bias
    inputs = [TensorDescription(name: "features", shape: input, element: .float32)]
    outputs = [TensorDescription(name: "logits", shape: output, element: .float32)]
  }

  /// The batches so far, the one that warms up included.
  var batches: [Int] { seen.withLock { $0 } }

  func run(
    _ inputs: [String: [Float]], batch: Int, outputs: [String]
  ) throws -> [String: [Float]] {
    seen.withLock { $0.append(batch) }
    gate.wait()
    let features = inputs["features"] ?? []
    let size = features.count / batch
    if features.contains(Self.poison) { throw Failure.asked }
    let logits = (0..<batch).flatMap { item in
      Self.logits(Array(features[item * size..<(item + 1) * size]), bias: bias)
    }
    return ["logits": logits]
  }

  /// A value of features that makes a run fail.
  static let poison: Float = 1e6
  /// A value of features that makes logits infinite.
  static let flood: Float = 3e38

  static func logits(_ features: [Float], bias: Float) -> [Float] {
    (0..<3).map { label in
      var sum = bias * Float(label + 1)
      for (index, feature) in features.enumerated() {
        sum += feature * Float((index + 1) * (label + 1) % 7)
      }
      return sum
    }
  }
}

/// Holds threads up until it is opened. Open at first.
final class Gate: Sendable {
  private let condition = Condition()

  func shut() { condition.set(false) }
  func open() { condition.set(true) }

  func wait() { condition.wait() }

  private final class Condition: @unchecked Sendable {
    private let lock = NSCondition()
    private var isOpen = true

    func set(_ value: Bool) {
      lock.lock()
      isOpen = value
      lock.broadcast()
      lock.unlock()
    }

    func wait() {
      lock.lock()
      while !isOpen { lock.wait() }
      lock.unlock()
    }
  }
}

/// Gives out networks by the name of the bundle's folder, or by folder and file.
struct FakeEngine: RemoteEngine {
  var networks: [String: FakeNetwork]

  init(_ networks: [String: FakeNetwork] = ["tiny": FakeNetwork()]) {
    self.networks = networks
  }

  func load(modelAt url: URL) throws -> any RemoteNetwork {
    let name = url.deletingLastPathComponent().lastPathComponent
    let network = networks["\(name)/\(url.lastPathComponent)"] ?? networks[name]
    guard let network else { throw RemoteEngineError.modelNotFound(url.path) }
    return network
  }
}
