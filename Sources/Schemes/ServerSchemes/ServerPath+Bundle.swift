import BundleFormat
import FeatureCoding
import TFLite

extension ServerPath {
  /// Reads and checks what a bundle says of a path that has a remote graph.
  ///
  /// - Parameters:
  ///   - remote: the name of that graph.
  ///   - graph: its tensors.
  init(
    bundle: ModelBundle, path: BundleManifest.Path, remote: String, graph: RemoteGraph
  ) throws {
    func fail(_ reason: String) -> ServerSchemeError { ServerSchemeError(reason) }
    guard let (sent, input) = path.tensors.first, path.tensors.count == 1 else {
      throw fail("path '\(path.name)' needs one pair of tensors, it has \(path.tensors.count)")
    }
    guard graph.inputs.map(\.name) == [input], let tensor = graph.inputs.first else {
      let found = graph.inputs.map(\.name).joined(separator: ", ")
      throw fail("the graph '\(remote)' needs one float32 input '\(input)', it has: \(found)")
    }
    guard let exit = path.exits.remote else {
      throw fail("path '\(path.name)' has a remote graph but no exit on the server")
    }
    guard let output = graph.outputs.first(where: { $0.name == exit }) else {
      throw fail("the graph '\(remote)' has no float32 output '\(exit)'")
    }
    let classCount = bundle.manifest.labels.count
    guard output.itemShape == [classCount] else {
      throw fail("'\(exit)' is \(output), and there are \(classCount) labels")
    }
    guard let shape = tensor.featureMap else {
      throw fail("'\(input)' is \(tensor), where [N,channels,height,width] is needed")
    }
    let code: SymbolCode
    let values: FeatureValues
    let missing: [Float] = [0]
    if let symbols = bundle.manifest.symbols {
      let tables = symbols.tables.map(\.valueOf)
      guard tables.count == 1 || tables.count == shape.channels else {
        throw fail("\(tables.count) symbol tables for the \(shape.channels) channels of '\(input)'")
      }
      values = FeatureValues(
        channels: shape.channels, pixels: shape.plane, tables: tables, missing: missing)
      code = try SymbolCode(.lzw, shape: shape, alphabetSize: symbols.alphabetSize)
    } else {
      let quantisation = try Self.quantisation(of: sent, of: path, in: bundle)
      values = FeatureValues(
        channels: shape.channels, pixels: shape.plane, scale: quantisation.scale,
        zeroPoint: quantisation.zeroPoint, missing: missing)
      code = try SymbolCode(.raw, shape: shape, alphabetSize: 256)
    }
    self.init(
      graph: remote, input: input, logits: exit, classCount: classCount, code: code, values: values)
  }

  /// What int8 values stand for that are sent as they are.
  private static func quantisation(
    of sent: String, of path: BundleManifest.Path, in bundle: ModelBundle
  ) throws -> (scale: Float, zeroPoint: Int) {
    // The camera's pixels, from 0 to 1.
    guard let device = path.device else { return (1 / 255, -128) }
    let model = try TFLiteModel(contentsOf: bundle.url(ofGraph: device))
    let tensor = model.outputs.lazy.map { model.tensors[$0] }.first { $0.name == sent }
    guard let tensor, tensor.type == .int8, let quantisation = tensor.quantisation,
      quantisation.scales.count == 1, quantisation.zeroPoints.count == 1
    else {
      throw ServerSchemeError("the graph '\(device)' has no int8 output '\(sent)' with one scale")
    }
    return (quantisation.scales[0], quantisation.zeroPoints[0])
  }
}
