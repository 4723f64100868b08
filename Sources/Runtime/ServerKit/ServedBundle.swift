import BundleFormat
import Foundation
import NIOCore
import OffloadWire
import RemoteEngine
import ServerSchemes

/// A bundle with its networks loaded and its worker at hand.
struct ServedBundle: Sendable {
  let name: String
  /// SHA-256 of the manifest as stored, by which a device names its bundle.
  let digest: BundleDigest
  /// By the number on the wire; nil where the device answers alone.
  let paths: [ServedPath?]
  let worker: BatchWorker
  /// What the body of a chunk or an end can have at most on a connection of this bundle.
  let maximumBodyLength: Int

  /// Loads the remote graphs of `bundle` and checks that they go with it.
  ///
  /// Nil if no path of the bundle has a remote graph: there is nothing to serve.
  init?(
    _ bundle: ModelBundle, engine: any RemoteEngine, configuration: ServerConfiguration,
    statistics: StatisticsCounter, now: @escaping @Sendable () -> NIODeadline
  ) throws {
    name = "\(bundle.manifest.dataset)/\(bundle.directory.lastPathComponent)"
    guard let digest = BundleDigest(bundle.digest) else {
      throw ServerError.unservable(
        bundle: bundle.directory.path, reason: "its digest is no SHA-256")
    }
    self.digest = digest
    var networks: [String: any RemoteNetwork] = [:]
    for graph in Set(bundle.manifest.paths.compactMap(\.remote)) {
      networks[graph] = try engine.load(modelAt: bundle.url(ofGraph: graph))
    }
    guard !networks.isEmpty else { return nil }
    do {
      let graphs = networks.mapValues { RemoteGraph($0) }
      paths = try ServerPath.paths(of: bundle, graphs: graphs).enumerated().map { number, path in
        guard let path, let network = networks[path.graph] else { return nil }
        return try ServedPath.warmedUp(
          number: number, scheme: path, network: network,
          maximumBatch: configuration.maximumBatch, now: now)
      }
    } catch {
      throw ServerError.unservable(bundle: bundle.directory.path, reason: "\(error)")
    }
    let largestPayload = paths.compactMap { $0?.scheme.maximumPayloadBytes }.max() ?? 0
    guard
      largestPayload <= WireProtocol.maximumBodyLength - End.maximumBodyLength(payloadBytes: 0)
    else {
      throw ServerError.unservable(
        bundle: bundle.directory.path, reason: "its features are too many for one frame")
    }
    maximumBodyLength = End.maximumBodyLength(payloadBytes: largestPayload)
    worker = BatchWorker(
      label: "agilenn.worker.\(name)", capacity: configuration.queueCapacity,
      statistics: statistics, now: now)
  }
}

extension ServedPath {
  /// Runs the network on zeros, so that what does not go together shows now and the first request
  /// does not pay for the network's first run; and once more for a first estimate.
  static func warmedUp(
    number: Int, scheme: ServerPath, network: any RemoteNetwork, maximumBatch: Int,
    now: @Sendable () -> NIODeadline
  ) throws -> ServedPath {
    let takesAnyBatch = network.inputs.allSatisfy { $0.accepts(batch: 1) && $0.accepts(batch: 2) }
    let path = ServedPath(
      number: number, scheme: scheme, network: network,
      maximumBatch: takesAnyBatch ? max(1, maximumBatch) : 1)
    let zeros = [Float](repeating: 0, count: scheme.featureCount)
    if case .failure(let failure) = path.run(zeros, batch: 1)[0] {
      throw ServerSchemeError(failure.message)
    }
    let start = now()
    _ = path.run(zeros, batch: 1)
    path.estimate.add(now() - start)
    return path
  }
}

extension RemoteGraph {
  /// What a scheme needs to know of a network: its float32 tensors that have a batch axis.
  init(_ network: any RemoteNetwork) {
    func tensors(_ descriptions: [TensorDescription]) -> [RemoteTensor] {
      descriptions.filter { $0.element == .float32 && !$0.shape.isEmpty }.map {
        RemoteTensor(name: $0.name, itemShape: Array($0.shape.dropFirst()))
      }
    }
    self.init(inputs: tensors(network.inputs), outputs: tensors(network.outputs))
  }
}
