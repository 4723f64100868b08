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
  ) throws(ServerSchemeError) {
    guard let send = path.send, let exit = path.serverExit else {
      preconditionFailure("the manifest was not checked")
    }
    let labels = bundle.manifest.labels.count
    guard let output = graph.outputs.first(where: { $0.name == exit.tensor }) else {
      throw ServerSchemeError("the graph '\(remote)' has no float32 output '\(exit.tensor)'")
    }
    guard output.itemShape == [labels] else {
      throw ServerSchemeError("'\(exit.tensor)' is \(output), and there are \(labels) labels")
    }
    let shape = try Self.shape(of: send.to, in: graph, named: remote)
    if path.device == nil {
      let image = bundle.manifest.input
      guard shape == SymbolShape(height: image.height, width: image.width, channels: 3) else {
        throw ServerSchemeError(
          "'\(send.to)' has \(shape.channels) channels of \(shape.width)x\(shape.height), and "
            + "the image 3 of \(image.width)x\(image.height)")
      }
    }
    if let codec = path.codec, let code = PictureCode(codec, of: bundle.manifest.input) {
      self.init(
        graph: remote, input: send.to, logits: exit.tensor, classCount: labels,
        content: .picture(code))
      return
    }
    for (list, count) in [("symbol tables", send.symbols.count), ("missing", send.missing.count)] {
      guard count <= 1 || count == shape.channels else {
        throw ServerSchemeError(
          "\(count) \(list) for the \(shape.channels) channels of '\(send.to)'")
      }
    }
    let code: SymbolCode
    do {
      code = try SymbolCode(
        send.coder.name.coder, shape: shape, alphabetSize: send.alphabetSize,
        tables: bundle.coderTables(of: send))
    } catch {
      throw ServerSchemeError("path '\(path.name)': \(error)")
    }
    let tables =
      try send.symbols.isEmpty
      ? [Self.values(of: send.tensor, of: path, in: bundle)] : send.symbols.map(\.valueOf)
    self.init(
      graph: remote, input: send.to, logits: exit.tensor, classCount: labels,
      content: .features(
        code, FeatureValues(shape: shape, tables: tables, missing: send.missing)))
  }

  private static func shape(
    of input: String, in graph: RemoteGraph, named name: String
  ) throws(ServerSchemeError) -> SymbolShape {
    guard graph.inputs.map(\.name) == [input], let tensor = graph.inputs.first else {
      let found = graph.inputs.map(\.name).joined(separator: ", ")
      throw ServerSchemeError(
        "the graph '\(name)' needs one float32 input '\(input)', it has: \(found)")
    }
    guard let shape = tensor.featureMap else {
      throw ServerSchemeError(
        "'\(input)' is \(tensor), where [N,channels,height,width] is needed")
    }
    return shape
  }

  /// What int8 values stand for that are sent as they are, by their byte.
  private static func values(
    of sent: String, of path: BundleManifest.Path, in bundle: ModelBundle
  ) throws(ServerSchemeError) -> [Float] {
    // The camera's pixels, from 0 to 1.
    guard let device = path.device else {
      return FeatureValues.table(scale: 1 / 255, zeroPoint: -128)
    }
    let model: TFLiteModel
    do {
      model = try TFLiteModel(contentsOf: bundle.url(ofGraph: device))
    } catch {
      throw ServerSchemeError("\(error)")
    }
    let tensor = model.outputs.lazy.map { model.tensors[$0] }.first { $0.name == sent }
    guard let tensor, tensor.type == .int8, let quantisation = tensor.quantisation,
      quantisation.scales.count == 1, quantisation.zeroPoints.count == 1
    else {
      throw ServerSchemeError("the graph '\(device)' has no int8 output '\(sent)' with one scale")
    }
    return FeatureValues.table(
      scale: quantisation.scales[0], zeroPoint: quantisation.zeroPoints[0])
  }
}

extension BundleManifest.CoderName {
  fileprivate var coder: Coder {
    switch self {
    case .raw: .raw
    case .lzw: .lzw
    case .range: .range
    }
  }
}
