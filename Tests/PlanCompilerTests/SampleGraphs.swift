import TFLite

/// Small graphs that between them have every kind of operator.
enum SampleGraphs {
  static var all: [(name: String, model: TFLiteModel)] {
    [
      ("convolutions", convolutions), ("elementwise", elementwise), ("movement", movement),
      ("floats", floats), ("slices", slices),
    ]
  }

  /// CONV_2D, DEPTHWISE_CONV_2D, both pools, MEAN, FULLY_CONNECTED, RESHAPE and SOFTMAX.
  static var convolutions: TFLiteModel {
    var graph = GraphBuilder()
    let input = graph.tensor([1, 6, 5, 3], name: "image")
    let filter = graph.weights([6, 3, 3, 3], scales: (1...6).map { Float($0) * 0.01 })
    let bias = graph.int32([100, -5, 3, 8, 0, 2])
    let first = graph.tensor([1, 6, 5, 6])
    let same = ConvolutionOptions(
      padding: .same, strideHeight: 1, strideWidth: 1, activation: .relu)
    graph.apply(.conv2D, [input, filter, bias], [first], .convolution(same))
    let depthwise = graph.weights([1, 2, 2, 12], dimension: 3)
    let second = graph.tensor([1, 5, 4, 12], scale: 4)
    graph.apply(
      .depthwiseConv2D, [first, depthwise, -1], [second],
      .depthwiseConvolution(
        ConvolutionOptions(padding: .valid, strideHeight: 1, strideWidth: 1, depthMultiplier: 2)))
    let single = graph.weights([1, 3, 3, 12], dimension: 3)
    let third = graph.tensor([1, 3, 2, 12], scale: 4)
    graph.apply(
      .depthwiseConv2D, [second, single], [third],
      .depthwiseConvolution(
        ConvolutionOptions(
          padding: .same, strideHeight: 2, strideWidth: 2, depthMultiplier: 1, activation: .relu6)))
    let pooled = graph.tensor([1, 2, 1, 12], scale: 4)
    graph.apply(
      .maxPool2D, [third], [pooled],
      .pool(
        PoolOptions(
          padding: .valid, strideHeight: 1, strideWidth: 1, filterHeight: 2, filterWidth: 2)))
    let averaged = graph.tensor([1, 2, 1, 12], scale: 4)
    graph.apply(
      .averagePool2D, [pooled], [averaged],
      .pool(
        PoolOptions(
          padding: .same, strideHeight: 1, strideWidth: 1, filterHeight: 2, filterWidth: 3)))
    let mean = graph.tensor([1, 12], scale: 3)
    graph.apply(.mean, [averaged, graph.int32([1, 2])], [mean], .reduce(keepDimensions: false))
    let flat = graph.tensor([2, 6], scale: 3)
    graph.apply(.reshape, [mean], [flat], .reshape(newShape: [2, 6]))
    let logits = graph.tensor([2, 5], scale: 0.25)
    graph.apply(
      .fullyConnected, [flat, graph.weights([5, 6]), graph.int32([1, 2, 3, 4, 5])], [logits],
      .fullyConnected(FullyConnectedOptions()))
    let probabilities = graph.tensor([2, 5], scale: 1.0 / 256, zeroPoint: -128)
    graph.apply(.softmax, [logits], [probabilities], .softmax(beta: 1))
    return graph.model(inputs: [input], outputs: [probabilities])
  }

  /// ADD and MUL with and without broadcasting, with a constant, in place; LOGISTIC.
  static var elementwise: TFLiteModel {
    var graph = GraphBuilder()
    let (a, b) = (graph.tensor([2, 3, 4]), graph.tensor([3, 1], scale: 0.3))
    let sum = graph.tensor([2, 3, 4], scale: 0.7)
    graph.apply(.add, [a, b], [sum], .elementwise(.none))
    let product = graph.tensor([2, 3, 4], scale: 0.9)
    graph.apply(.mul, [sum, a], [product], .elementwise(.reluN1To1))
    let constant = graph.tensor([4], data: [1, 2, 200, 255])
    let shifted = graph.tensor([2, 3, 4], scale: 0.8)
    graph.apply(.add, [constant, product], [shifted], .elementwise(.relu))
    let share = graph.tensor([2, 3, 4], scale: 1.0 / 256, zeroPoint: -128)
    graph.apply(.logistic, [shifted], [share])
    return graph.model(inputs: [a, b], outputs: [share, sum])
  }

  /// PAD, TRANSPOSE, CONCATENATION with a constant, RESIZE_NEAREST_NEIGHBOR.
  static var movement: TFLiteModel {
    var graph = GraphBuilder()
    let input = graph.tensor([1, 2, 3, 2])
    let padded = graph.tensor([1, 4, 3, 2])
    graph.apply(
      .pad, [input, graph.int32([0, 0, 1, 1, 0, 0, 0, 0], shape: [4, 2])], [padded])
    let turned = graph.tensor([1, 3, 4, 2])
    graph.apply(.transpose, [padded, graph.int32([0, 2, 1, 3])], [turned])
    let constant = graph.tensor([1, 3, 4, 1], data: (0..<12).map { UInt8($0) })
    let joined = graph.tensor([1, 3, 4, 3])
    graph.apply(
      .concatenation, [turned, constant], [joined], .concatenation(axis: 3, activation: .none))
    let resized = graph.tensor([1, 5, 2, 3])
    graph.apply(
      .resizeNearestNeighbor, [joined, graph.int32([5, 2])], [resized],
      .resizeNearestNeighbor(alignCorners: false, halfPixelCentres: true))
    return graph.model(inputs: [input], outputs: [resized])
  }

  /// QUANTIZE from float32 and from uint8, DEQUANTIZE, float32 movement.
  static var floats: TFLiteModel {
    var graph = GraphBuilder()
    let real = graph.tensor([2, 3], .float32)
    let turned = graph.tensor([3, 2], .float32)
    graph.apply(.transpose, [real, graph.int32([1, 0])], [turned])
    let quantised = graph.tensor([3, 2])
    graph.apply(.quantize, [turned], [quantised])
    let bytes = graph.tensor([3, 2], .uint8, scale: 0.1, zeroPoint: 7)
    let signed = graph.tensor([3, 2], scale: 0.2)
    graph.apply(.quantize, [bytes], [signed])
    let sum = graph.tensor([3, 2])
    graph.apply(.add, [quantised, signed], [sum], .elementwise(.none))
    let result = graph.tensor([3, 2], .float32)
    graph.apply(.dequantize, [sum], [result])
    return graph.model(inputs: [real, bytes], outputs: [result])
  }

  /// STRIDED_SLICE backwards, SPLIT and SPLIT_V.
  static var slices: TFLiteModel {
    var graph = GraphBuilder()
    let input = graph.tensor([4, 6])
    let backwards = graph.tensor([4, 3])
    graph.apply(
      .stridedSlice,
      [input, graph.int32([0, 5]), graph.int32([4, -7]), graph.int32([1, -2])], [backwards],
      .stridedSlice(StridedSliceOptions()))
    let (left, right) = (graph.tensor([4, 3]), graph.tensor([4, 3]))
    graph.apply(.split, [graph.int32([1], shape: []), input], [left, right], .split(count: 2))
    let (top, bottom) = (graph.tensor([1, 3]), graph.tensor([3, 3]))
    graph.apply(
      .splitV, [right, graph.int32([1, 3]), graph.int32([0], shape: [])], [top, bottom],
      .split(count: 2))
    return graph.model(inputs: [input], outputs: [backwards, top, bottom, left])
  }
}
