import OffloadWire
import RemoteEngine
import Schemes

/// One path of a bundle: what a scheme knows of it and the network that runs it.
struct ServedPath: Sendable {
  /// The path's number on the wire, which is its place in the bundle.
  let number: Int
  let scheme: any ServerPath
  let network: any RemoteNetwork
  /// Requests that one run may answer.
  let maximumBatch: Int

  /// Runs the network over `batch` items of decoded features; one outcome for each item.
  func run(_ inputs: [String: [Float]], batch: Int) -> [Result<QuantisedLogits, Refusal>] {
    let classes = scheme.classCount
    let logits: [Float]
    do {
      logits = try network.run(inputs, batch: batch, outputs: [scheme.logits])[scheme.logits] ?? []
    } catch {
      return Array(repeating: .failure(Refusal(.internalFailure, "\(error)")), count: batch)
    }
    guard logits.count == classes * batch else {
      let refusal = Refusal(
        .internalFailure, "the network gave \(logits.count) logits for \(batch) of \(classes)")
      return Array(repeating: .failure(refusal), count: batch)
    }
    return (0..<batch).map { item in
      guard let quantised = QuantisedLogits(Array(logits[item * classes..<(item + 1) * classes]))
      else {
        return .failure(Refusal(.internalFailure, "the network's logits are not finite"))
      }
      return .success(quantised)
    }
  }
}
