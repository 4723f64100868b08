import Foundation
import RemoteEngine

/// A remote network of one line of arithmetic, so that the server is the real one but needs no
/// library: logit c = sum of features i with i % 10 == c.
struct LinearEngine: RemoteEngine {
  func load(modelAt url: URL) throws -> any RemoteNetwork { LinearNetwork() }
}

struct LinearNetwork: RemoteNetwork {
  let inputs = [TensorDescription(name: "features", shape: [-1, 5, 4, 4], element: .float32)]
  let outputs = [TensorDescription(name: "logits", shape: [-1, 10], element: .float32)]

  func run(
    _ inputs: [String: [Float]], batch: Int, outputs: [String]
  ) throws -> [String: [Float]] {
    let features = inputs["features"] ?? []
    var logits: [Float] = []
    for item in 0..<batch {
      var sums = [Float](repeating: 0, count: 10)
      for (index, value) in features[(80 * item)..<(80 * item + 80)].enumerated() {
        sums[index % 10] += value
      }
      logits += sums
    }
    return ["logits": logits]
  }
}
