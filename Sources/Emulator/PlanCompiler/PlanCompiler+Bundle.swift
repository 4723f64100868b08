public import BundleFormat
import MCUKernels
public import TFLite

extension PlanCompiler {
  /// Compiles a bundle's paths to the whole device image, one plan over one arena: the camera's image
  /// in front, what paths share once, and the tables of symbols, coders and exits.
  ///
  /// - Parameter camera: the size of the camera's image in pixels.
  /// - Throws: ``CompileError``, or a `TFLiteError` where the graph's file cannot be read.
  public static func compile(
    bundle: ModelBundle, camera: (width: Int, height: Int)
  ) throws -> CompiledPlan {
    let graph = try deviceGraph(of: bundle.manifest)
    let model = try graph.map { try TFLiteModel(contentsOf: bundle.url(ofGraph: $0)) }
    return try compile(
      model, manifest: bundle.manifest, digest: bundle.digest, camera: camera,
      coderTables: bundle.coderTables)
  }

  /// The one device graph of a bundle's paths; nil where none has one.
  static func deviceGraph(of manifest: BundleManifest) throws(CompileError) -> String? {
    let graphs = Set(manifest.paths.compactMap(\.device)).sorted()
    guard graphs.count <= 1 else {
      let names = graphs.map { "'\($0)'" }.joined(separator: ", ")
      throw .unsupportedBundle(
        reason: "its paths name \(graphs.count) device graphs (\(names)), and a plan has one")
    }
    return graphs.first
  }

  /// Compiles a device graph that is in no file, for a manifest.
  ///
  /// - Parameters:
  ///   - model: the device graph; nil where no path has one.
  ///   - digest: the bundle's, 32 bytes.
  ///   - camera: the size of the camera's image in pixels.
  ///   - coderTables: the tables of a send's coder.
  public static func compile(
    _ model: TFLiteModel?, manifest: BundleManifest, digest: [UInt8],
    camera: (width: Int, height: Int),
    coderTables: (BundleManifest.Send) -> [UInt8]? = { _ in nil }
  ) throws(CompileError) -> CompiledPlan {
    let model = model ?? imageAlone(manifest.input)
    var graph = try GraphLowering(model)
    let image = try addCamera(to: &graph, manifest.input, camera)
    let targets = try PathTargets(manifest, model: model, graph: graph)
    let order = try OperatorOrder(graph.operators, targets: targets.buffers)
    graph.reorder(order)
    let tables = try targets.tables(
      manifest, digest: digest, order: order, coderTables: coderTables)
    return try compile(graph, inputs: [image], outputs: targets.outputs, tables: tables)
  }
}
