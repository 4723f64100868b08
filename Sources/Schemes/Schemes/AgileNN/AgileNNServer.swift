import BundleFormat
import FeatureCoding
import TFLite

/// AgileNN's server half: features out of symbols, for the remote network alone; the device combines.
public struct AgileNNServer: ServerScheme {
  public static let name = "agilenn"

  public let paths: [(any ServerPath)?]

  public init(bundle: ModelBundle, graphs: [String: RemoteGraph]) throws {
    paths = try bundle.manifest.paths.map { path in
      guard let name = path.remote else { return nil }
      guard let graph = graphs[name] else {
        preconditionFailure("the graph '\(name)' of the bundle was not handed in")
      }
      return try AgileNNServerPath(bundle: bundle, path: path, name: name, graph: graph)
    }
  }
}

/// The server's part of an AgileNN path: payload → symbols → float32 [C,H,W].
struct AgileNNServerPath: ServerPath {
  let graph: String
  let logits: String
  let classCount: Int
  let maximumPayloadBytes: Int
  /// The remote graph's input.
  private let features: String
  private let dequantiser: SymbolDequantiser
  /// Nil where the int8 values themselves are sent.
  private let alphabetSize: Int?

  init(
    bundle: ModelBundle, path: BundleManifest.Path, name: String, graph: RemoteGraph
  ) throws {
    func fail(_ reason: String) -> ServerSchemeError { ServerSchemeError(reason) }
    self.graph = name
    guard let device = path.device else {
      throw fail("path '\(path.name)' has no device graph to make features")
    }
    guard let (deviceOutput, input) = path.tensors.first, path.tensors.count == 1 else {
      throw fail("path '\(path.name)' needs one pair of tensors, it has \(path.tensors.count)")
    }
    guard graph.inputs.map(\.name) == [input], let tensor = graph.inputs.first else {
      let found = graph.inputs.map(\.name).joined(separator: ", ")
      throw fail("the graph '\(name)' needs one float32 input '\(input)', it has: \(found)")
    }
    guard let exit = path.exits.remote else {
      throw fail("path '\(path.name)' has a remote graph but no remote exit")
    }
    guard let output = graph.outputs.first(where: { $0.name == exit }) else {
      throw fail("the graph '\(name)' has no float32 output '\(exit)'")
    }
    features = input
    logits = exit
    classCount = bundle.manifest.labels.count
    guard output.itemShape == [classCount] else {
      throw fail("'\(exit)' is \(shape(output)), and there are \(classCount) labels")
    }
    guard let size = tensor.featureMap else {
      throw fail("'\(input)' is \(shape(tensor)), where [N,channels,height,width] is needed")
    }
    if let symbols = bundle.manifest.symbols {
      let values = symbols.tables.map(\.valueOf)
      guard values.count == 1 || values.count == size.channels else {
        throw fail("\(values.count) symbol tables for the \(size.channels) channels of '\(input)'")
      }
      dequantiser = SymbolDequantiser(
        channels: size.channels, symbolsPerChannel: size.pixels, values: values)
      alphabetSize = symbols.alphabetSize
      maximumPayloadBytes = LZWEncoder.worstCaseBytes(
        symbols: size.channels * size.pixels, alphabetSize: symbols.alphabetSize)
    } else {
      let scale = try Self.quantisation(of: deviceOutput, in: bundle, graph: device)
      dequantiser = SymbolDequantiser(
        channels: size.channels, symbolsPerChannel: size.pixels, scale: scale.scale,
        zeroPoint: scale.zeroPoint)
      alphabetSize = nil
      maximumPayloadBytes = size.channels * size.pixels
    }
  }

  func decode(_ payload: UnsafeRawBufferPointer) throws -> [String: [Float]] {
    let count = dequantiser.symbolCount
    let values = try [Float](unsafeUninitializedCapacity: count) { values, initialised in
      guard let alphabetSize else {
        try dequantiser.dequantise(symbols: payload, into: values)
        initialised = count
        return
      }
      let workspaceSize = LZWDecoder.workspaceSize(alphabetSize: alphabetSize)
      try withUnsafeTemporaryAllocation(
        byteCount: workspaceSize + count, alignment: LZWDecoder.workspaceAlignment
      ) { memory in
        let workspace = UnsafeMutableRawBufferPointer(rebasing: memory[..<workspaceSize])
        let symbols = UnsafeMutableRawBufferPointer(rebasing: memory[workspaceSize...])
        var decoder = LZWDecoder(alphabetSize: alphabetSize, workspace: workspace)
        try decoder.decode(payload, symbolCount: count, into: symbols)
        try dequantiser.dequantise(symbols: UnsafeRawBufferPointer(symbols), into: values)
      }
      initialised = count
    }
    return [features: values]
  }

  /// What the device's int8 features stand for, where they are sent as they are.
  private static func quantisation(
    of output: String, in bundle: ModelBundle, graph device: String
  ) throws -> (scale: Float, zeroPoint: Int) {
    let model = try TFLiteModel(contentsOf: bundle.url(ofGraph: device))
    let tensor = model.outputs.lazy.map { model.tensors[$0] }.first { $0.name == output }
    guard let tensor, tensor.type == .int8, let quantisation = tensor.quantisation,
      quantisation.scales.count == 1, quantisation.zeroPoints.count == 1
    else {
      throw ServerSchemeError("the graph '\(device)' has no int8 output '\(output)' with one scale")
    }
    return (quantisation.scales[0], quantisation.zeroPoints[0])
  }
}

extension RemoteTensor {
  /// The size of a feature map [N,channels,height,width]; nil for another shape, or one whose
  /// elements do not fit a frame.
  fileprivate var featureMap: (channels: Int, pixels: Int)? {
    guard itemShape.count == 3, itemShape.allSatisfy({ $0 > 0 && $0 <= 1 << 16 }) else {
      return nil
    }
    let pixels = itemShape[1] * itemShape[2]
    guard pixels * itemShape[0] <= 1 << 26 else { return nil }
    return (itemShape[0], pixels)
  }
}

private func shape(_ tensor: RemoteTensor) -> String {
  "[" + (["N"] + tensor.itemShape.map { $0 < 0 ? "?" : "\($0)" }).joined(separator: ",") + "]"
}
