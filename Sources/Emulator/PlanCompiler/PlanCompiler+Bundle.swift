import BundleFormat
import ExitStatus
import MCUKernels
import TFLite

extension PlanCompiler {
  /// Compiles the device graph of one of a bundle's paths to the whole device image: the camera's
  /// image in front, the digest of the manifest, symbol tables and alpha within, roles on the
  /// outputs that the manifest names.
  ///
  /// - Parameters:
  ///   - path: position in the manifest's paths.
  ///   - camera: the size of the camera's image in pixels.
  /// - Returns: nil where the path has no device graph.
  /// - Throws: ``CompileError``, or a `TFLiteError` where the graph's file cannot be read.
  public static func compile(
    bundle: ModelBundle, path: Int = 0, camera: (width: Int, height: Int)
  ) throws -> CompiledPlan? {
    guard bundle.manifest.paths.indices.contains(path) else {
      throw CompileError.invalidBundle(reason: "it has no path \(path)")
    }
    guard let name = bundle.manifest.paths[path].device else { return nil }
    let model = try TFLiteModel(contentsOf: bundle.url(ofGraph: name))
    return try compile(
      model, manifest: bundle.manifest, digest: bundle.digest, path: bundle.manifest.paths[path],
      camera: camera)
  }

  static func compile(
    _ model: TFLiteModel, manifest: BundleManifest, digest: [UInt8], path: BundleManifest.Path,
    camera: (width: Int, height: Int)
  ) throws(CompileError) -> CompiledPlan {
    var graph = try GraphLowering(model)
    let image = try addCamera(to: &graph, manifest.input, camera)
    let outputs = ports(of: model, model.outputs, in: graph)
    var roles: [String: PlanTensor.Role] = [:]
    if let local = path.exits.local {
      try checkLogits(outputs, named: local, classes: manifest.labels.count)
      roles[local] = .localLogits
    }
    var extras = ImageWriter.Extras(digest: digest)
    if let features = path.tensors.keys.first {
      guard roles[features] == nil else {
        throw .invalidBundle(reason: "the output '\(features)' is both sent and the local exit")
      }
      let channels = try checkFeatures(outputs, named: features)
      roles[features] = .features
      try addSymbols(manifest.symbols, to: &extras, channels: channels)
    }
    if path.exits.local != nil, path.exits.remote != nil { extras.alpha = manifest.alpha }
    return try compile(graph, inputs: [image], roles: roles, extras: extras)
  }

  /// Puts the camera's operator in front of the graph's one input.
  private static func addCamera(
    to graph: inout GraphLowering, _ input: BundleManifest.Input,
    _ camera: (width: Int, height: Int)
  ) throws(CompileError) -> Port {
    let model = graph.model
    guard model.inputs.count == 1, let buffer = graph.buffer(ofTensor: model.inputs[0]) else {
      throw .invalidBundle(reason: "the graph has \(model.inputs.count) inputs, not 1")
    }
    let tensor = model.tensors[model.inputs[0]]
    let shape = [1, input.height, input.width, 3]
    guard tensor.type == .int8, tensor.shape == shape else {
      throw .invalidBundle(
        reason: "the graph's input is \(tensor.type) \(tensor.shape), not int8 \(shape)")
    }
    // A pixel p is the real p / 255 and the integer p - 128.
    let scale = tensor.quantisation?.scales.first ?? 0
    guard tensor.quantisation?.zeroPoints == [-128], abs(scale * 255 - 1) < 1e-4 else {
      throw .invalidBundle(
        reason: "the graph's input does not have the scale 1/255 and the zero point -128")
    }
    guard (1...4096).contains(camera.width), (1...4096).contains(camera.height) else {
      throw .invalidBundle(
        reason: "a camera image of \(camera.width)x\(camera.height) pixels is not from 1x1 to "
          + "4096x4096")
    }
    let isSized = camera == (input.width, input.height)
    let mode: CameraMode =
      switch input.resize {
      case _ where isSized: .none
      case .none: .none
      case .nearest: .nearest
      case .bilinear: .bilinear
      }
    guard mode != .none || isSized else {
      throw .invalidBundle(
        reason: "an image of \(camera.width)x\(camera.height) pixels is not "
          + "\(input.width)x\(input.height), and the manifest has no resize")
    }
    let resize = CameraResize(
      mode: mode, keepsProportions: input.fit == .centreCrop && mode != .none, from: camera,
      to: (input.width, input.height))
    return prepend(resize, to: &graph, camera, input: tensor, buffer: buffer)
  }

  private static func prepend(
    _ resize: CameraResize, to graph: inout GraphLowering, _ camera: (width: Int, height: Int),
    input: TFLiteTensor, buffer: Int
  ) -> Port {
    let image = [camera.height, camera.width, 3]
    let bytes = image.reduce(1, *)
    let source = graph.addBuffer(name: "camera", byteCount: bytes)
    var lowered = LoweredOperator(
      graphIndex: nil, name: "CAMERA",
      geometry: OperatorGeometry(.camera, from: image, to: input.shape), input: .buffer(source),
      inputBytes: bytes, output: buffer, outputBytes: input.elementCount)
    lowered.mayRunInPlace = resize.mode == .none
    lowered.set(.own0, Int(resize.mode.rawValue))
    lowered.set(.own1, resize.cropX)
    lowered.set(.own2, resize.cropY)
    lowered.set(.own3, resize.cropWidth)
    lowered.set(.own4, resize.cropHeight)
    if !resize.positions.isEmpty {
      lowered.constants = resize.positions.flatMap(\.littleEndianBytes)
    }
    graph.prepend(lowered)
    return Port(
      name: "camera", shape: image, type: .uint8,
      quantisation: Quantisation(scale: 1.0 / 255, zeroPoint: 0), buffer: source, role: .camera)
  }

  private static func checkLogits(
    _ outputs: [Port], named name: String, classes: Int
  ) throws(CompileError) {
    guard let port = outputs.first(where: { $0.name == name }) else {
      throw .invalidBundle(reason: "the graph has no output '\(name)' for the local exit")
    }
    guard port.type == .int8, port.byteCount == classes, port.shape.last == classes else {
      throw .invalidBundle(
        reason: "the local exit '\(name)' is \(port.type) \(port.shape), not int8 [1, \(classes)]")
    }
  }

  /// The channels of the output that is sent.
  private static func checkFeatures(
    _ outputs: [Port], named name: String
  ) throws(CompileError) -> Int {
    guard let port = outputs.first(where: { $0.name == name }) else {
      throw .invalidBundle(reason: "the graph has no output '\(name)' to send")
    }
    guard port.type == .int8, port.shape.count == 4, port.shape[0] == 1 else {
      throw .invalidBundle(
        reason: "the output to send '\(name)' is \(port.type) \(port.shape), not int8 "
          + "[1, height, width, channels]")
    }
    return port.shape[3]
  }

  private static func addSymbols(
    _ symbols: BundleManifest.Symbols?, to extras: inout ImageWriter.Extras, channels: Int
  ) throws(CompileError) {
    guard let symbols else { return }
    guard symbols.tables.count == 1 || symbols.tables.count == channels else {
      throw .invalidBundle(
        reason: "\(symbols.tables.count) symbol tables for \(channels) feature channels")
    }
    extras.symbolTables = symbols.tables.map(\.symbolOf)
    extras.alphabetSize = symbols.alphabetSize
    switch symbols.coder.name {
    case .lzw: extras.coder = PlanFormat.Header.coderLZW
    }
  }
}

extension CompileError: ExitStatusProviding {
  public var exitStatus: Int32 { ExitStatus.badData.rawValue }
}

extension TFLiteError: ExitStatusProviding {
  public var exitStatus: Int32 {
    if case .unreadable = self { return ExitStatus.missingInput.rawValue }
    return ExitStatus.badData.rawValue
  }
}
