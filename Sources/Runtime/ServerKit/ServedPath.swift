import OffloadWire
import RemoteEngine
import ServerSchemes

/// One path of a bundle: what its payloads mean and the network that runs it.
struct ServedPath: Sendable {
  /// The path's number on the wire, which is its position in the bundle.
  let number: Int
  let scheme: ServerPath
  let network: any RemoteNetwork
  /// Requests that one run may answer.
  let maximumBatch: Int
  let estimate = RunTimeEstimate()

  /// Runs the network over a batch of features; one outcome for each item.
  ///
  /// - Parameter features: `batch` items, one after another.
  func run(_ features: [Float], batch: Int) -> [Result<QuantisedLogits, RequestFailure>] {
    let classes = scheme.classCount
    func all(_ reason: String) -> [Result<QuantisedLogits, RequestFailure>] {
      Array(repeating: .failure(RequestFailure(.internalFailure, reason)), count: batch)
    }
    let logits: [Float]
    do {
      let outputs = try network.run(
        [scheme.input: features], batch: batch, outputs: [scheme.logits])
      logits = outputs[scheme.logits] ?? []
    } catch {
      return all("\(error)")
    }
    guard logits.count == classes * batch else {
      return all("the network gave \(logits.count) logits for \(batch) of \(classes)")
    }
    return (0..<batch).map { item in
      guard let quantised = QuantisedLogits(Array(logits[item * classes..<(item + 1) * classes]))
      else {
        return .failure(RequestFailure(.internalFailure, "the network's logits are not finite"))
      }
      return .success(quantised)
    }
  }
}
