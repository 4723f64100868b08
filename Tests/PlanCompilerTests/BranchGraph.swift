import BundleFormat
import MCUKernels
import TFLite

@testable import PlanCompiler

/// A device graph of two branches, and bundles around it.
///
/// A trunk gives `features` int8 [1,2,2,4]; on it stand `localLogits`, and deeper features
/// `deep` int8 [1,2,2,6] with `deepLogits`; `spare` is an output that nobody asks for. The graph's
/// own order has the answers before what they are beside.
enum BranchGraph {
  static let tables = (0..<4).map { table in
    BundleManifest.SymbolTable(
      symbolOf: (0..<256).map { UInt8(($0 + table) % 3) }, valueOf: [0, 1, 2])
  }

  static func model(
    shape: [Int] = [1, 4, 4, 3], scale: Float = 1.0 / 255, zeroPoint: Int = -128
  ) -> TFLiteModel {
    var graph = GraphBuilder()
    let input = graph.tensor(shape, scale: scale, zeroPoint: zeroPoint, name: "image")
    let trunk = graph.tensor([1, 2, 2, 4], name: "trunk")
    let stride = ConvolutionOptions(padding: .valid, strideHeight: 2, strideWidth: 2)
    graph.apply(
      .conv2D, [input, graph.weights([4, 2, 2, 3])], [trunk], .convolution(stride))
    let logits = graph.tensor([1, 2], scale: 0.125, zeroPoint: 4, name: "localLogits")
    graph.apply(
      .fullyConnected, [trunk, graph.weights([2, 16])], [logits],
      .fullyConnected(FullyConnectedOptions()))
    let spare = graph.tensor([1, 1, 1, 4], name: "spare")
    graph.apply(
      .averagePool2D, [trunk], [spare],
      .pool(
        PoolOptions(
          padding: .valid, strideHeight: 2, strideWidth: 2, filterHeight: 2, filterWidth: 2)))
    let one = ConvolutionOptions(padding: .valid, strideHeight: 1, strideWidth: 1)
    let features = graph.tensor([1, 2, 2, 4], name: "features")
    graph.apply(.conv2D, [trunk, graph.weights([4, 1, 1, 4])], [features], .convolution(one))
    let deep = graph.tensor([1, 2, 2, 6], name: "deep")
    graph.apply(.conv2D, [features, graph.weights([6, 1, 1, 4])], [deep], .convolution(one))
    let deepLogits = graph.tensor([1, 2], scale: 0.25, zeroPoint: 0, name: "deepLogits")
    graph.apply(
      .fullyConnected, [deep, graph.weights([2, 24])], [deepLogits],
      .fullyConnected(FullyConnectedOptions()))
    return graph.model(inputs: [input], outputs: [logits, spare, features, deep, deepLogits])
  }

  static func manifest(
    _ paths: [BundleManifest.Path], width: Int = 4, classes: Int = 2,
    scheme: BundleManifest.Scheme = .agilenn
  ) -> BundleManifest {
    BundleManifest(
      scheme: scheme, dataset: "test", input: .init(width: width, height: 4),
      graphs: ["device": .init(file: "device.tflite"), "remote": .init(file: "remote.onnx")],
      paths: paths, labels: (0..<classes).map { "\($0)" })
  }

  /// One path that sends and answers.
  static func offload(
    sending tensor: String = "features", channels: [Int]? = nil,
    symbols: [BundleManifest.SymbolTable] = [],
    missing: [Float] = [0], local: String? = "localLogits", alpha: [Float]? = [0.25]
  ) -> BundleManifest.Path {
    let exit = local.map {
      BundleManifest.Exit(place: .device, tensor: $0, alpha: alpha)
    }
    return .init(
      device: "device",
      sends: [
        .init(tensor: tensor, channels: channels, symbols: symbols, missing: missing)
      ],
      remote: "remote", exits: [exit, .init(place: .server)].compactMap(\.self))
  }

  static func compile(
    _ model: TFLiteModel?, _ manifest: BundleManifest, camera: (Int, Int) = (4, 4),
    coderTables: [UInt8]? = nil
  ) throws(CompileError) -> CompiledPlan {
    try PlanCompiler.compile(
      model, manifest: manifest, digest: (0..<32).map { UInt8($0) }, camera: camera,
      coderTables: { $0.coder.tables == nil ? nil : coderTables })
  }
}
