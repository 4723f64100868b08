import TFLite

/// An architecture as an int8 graph whose weights are made up: what it costs does not depend on them.
struct ArchitectureModel {
  private var tensors: [TFLiteTensor] = []
  private var operators: [TFLiteOperator] = []

  /// The output's name.
  static let logits = "logits"

  private enum Scale {
    static let image: Float = 1.0 / 255
    /// Of what ReLU6 gives.
    static let bounded: Float = 6.0 / 255
    static let free: Float = 0.05
    static let weights: Float = 0.005
  }

  /// - Parameter classes: of the answer, 1 or more.
  static func graph(of architecture: Architecture, classes: Int) -> TFLiteModel {
    var model = ArchitectureModel()
    return model.build(architecture, classes: classes)
  }

  private mutating func build(_ architecture: Architecture, classes: Int) -> TFLiteModel {
    let image = add(
      [1, architecture.side, architecture.side, 3], scale: Scale.image, zeroPoint: -128, "image")
    var current = convolve(
      image, kernel: 3, stride: architecture.stemStride, outputs: architecture.stemChannels,
      activation: .relu6)
    for block in architecture.blocks { current = apply(block, to: current) }
    if architecture.head > 0 {
      current = convolve(
        current, kernel: 1, stride: 1, outputs: architecture.head, activation: .relu6)
    }
    let pooled = add(
      [1, shape(current)[3]], scale: Scale.bounded, zeroPoint: -128, "pooled")
    let axes = constant([2], .int32, bytes: [1, 0, 0, 0, 2, 0, 0, 0])
    add(.mean, [current, axes], pooled, .reduce(keepDimensions: false))
    let logits = add([1, classes], scale: Scale.free, zeroPoint: 0, Self.logits)
    let parameters = [weights([classes, shape(pooled)[1]]), bias(classes, of: pooled)]
    add(
      .fullyConnected, [pooled] + parameters, logits, .fullyConnected(FullyConnectedOptions()))
    return TFLiteModel(
      name: "candidate", tensors: tensors, operators: operators, inputs: [image], outputs: [logits])
  }

  private mutating func apply(_ block: Architecture.Block, to input: Int) -> Int {
    let channels = shape(input)[3]
    var current = input
    if block.expansion > 1 {
      current = convolve(
        current, kernel: 1, stride: 1, outputs: channels * block.expansion, activation: .relu6)
    }
    current = convolveDepthwise(current, kernel: block.kernel, stride: block.stride)
    current = convolve(
      current, kernel: 1, stride: 1, outputs: block.channels, activation: .none)
    guard block.stride == 1, block.channels == channels else { return current }
    let sum = add(shape(current), scale: Scale.free, zeroPoint: 0, "sum")
    add(.add, [current, input], sum, .elementwise(.none))
    return sum
  }

  private mutating func convolve(
    _ input: Int, kernel: Int, stride: Int, outputs: Int, activation: FusedActivation
  ) -> Int {
    let side = (shape(input)[1] + stride - 1) / stride
    let parameters = [
      weights([outputs, kernel, kernel, shape(input)[3]]), bias(outputs, of: input),
    ]
    let isBounded = activation == .relu6
    let output = add(
      [1, side, side, outputs], scale: isBounded ? Scale.bounded : Scale.free,
      zeroPoint: isBounded ? -128 : 0, "features")
    add(
      .conv2D, [input] + parameters, output,
      .convolution(
        ConvolutionOptions(
          padding: .same, strideHeight: stride, strideWidth: stride, activation: activation)))
    return output
  }

  private mutating func convolveDepthwise(_ input: Int, kernel: Int, stride: Int) -> Int {
    let channels = shape(input)[3]
    let side = (shape(input)[1] + stride - 1) / stride
    let parameters = [
      weights([1, kernel, kernel, channels], dimension: 3), bias(channels, of: input),
    ]
    let output = add(
      [1, side, side, channels], scale: Scale.bounded, zeroPoint: -128, "features")
    add(
      .depthwiseConv2D, [input] + parameters, output,
      .depthwiseConvolution(
        ConvolutionOptions(
          padding: .same, strideHeight: stride, strideWidth: stride, activation: .relu6)))
    return output
  }

  private func shape(_ tensor: Int) -> [Int] { tensors[tensor].shape }

  private mutating func add(
    _ shape: [Int], scale: Float, zeroPoint: Int, _ name: String
  ) -> Int {
    tensors.append(
      TFLiteTensor(
        index: tensors.count, name: name, shape: shape, type: .int8, data: nil,
        quantisation: TFLiteQuantisation(scales: [scale], zeroPoints: [zeroPoint]),
        isVariable: false))
    return tensors.count - 1
  }

  private mutating func weights(_ shape: [Int], dimension: Int = 0) -> Int {
    constant(
      shape, .int8,
      bytes: (0..<shape.reduce(1, *)).map { UInt8(truncatingIfNeeded: ($0 &* 73) % 127) },
      quantisation: TFLiteQuantisation(
        scales: [Scale.weights], zeroPoints: [0], dimension: dimension))
  }

  private mutating func bias(_ count: Int, of input: Int) -> Int {
    let scale = (tensors[input].quantisation?.scales.first ?? 1) * Scale.weights
    return constant(
      [count], .int32, bytes: [UInt8](repeating: 0, count: 4 * count),
      quantisation: TFLiteQuantisation(scales: [scale], zeroPoints: [0]))
  }

  private mutating func constant(
    _ shape: [Int], _ type: TFLiteTensorType, bytes: [UInt8],
    quantisation: TFLiteQuantisation? = nil
  ) -> Int {
    tensors.append(
      TFLiteTensor(
        index: tensors.count, name: "", shape: shape, type: type, data: bytes[...],
        quantisation: quantisation, isVariable: false))
    return tensors.count - 1
  }

  private mutating func add(
    _ code: BuiltinOperatorCode, _ inputs: [Int], _ output: Int, _ options: OperatorOptions
  ) {
    operators.append(
      TFLiteOperator(
        index: operators.count, code: code, name: code.name, version: 1, inputs: inputs,
        outputs: [output], options: options))
  }
}
