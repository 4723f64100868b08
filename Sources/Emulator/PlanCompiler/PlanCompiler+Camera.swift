import BundleFormat
import MCUKernels
import TFLite

extension PlanCompiler {
  /// Puts the camera's operator in front of the graph's one input.
  static func addCamera(
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

  /// The graph of a bundle without a device graph: its input, which is sent as it is.
  static func imageAlone(_ input: BundleManifest.Input) -> TFLiteModel {
    let image = TFLiteTensor(
      index: 0, name: BundleManifest.Send.image, shape: [1, input.height, input.width, 3],
      type: .int8, data: nil,
      quantisation: TFLiteQuantisation(scales: [1.0 / 255], zeroPoints: [-128]), isVariable: false)
    return TFLiteModel(tensors: [image], operators: [], inputs: [0], outputs: [0])
  }
}
