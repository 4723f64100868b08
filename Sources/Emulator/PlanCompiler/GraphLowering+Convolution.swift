import MCUKernels
import TFLite

/// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED.
extension GraphLowering {
  mutating func lowerConvolution(_ view: OperatorView) throws(CompileError) {
    guard case .convolution(let options) = view.operation.options else {
      throw view.invalid("its parameters are missing")
    }
    try view.requireCounts(inputs: 2...3, outputs: 1...1)
    let (input, filter, output) = (
      try view.computedInput(0), try view.anyInput(1), try view.output()
    )
    guard input.shape.count == 4, filter.shape.count == 4, output.shape.count == 4 else {
      throw view.invalid("its tensors do not have 4 dimensions")
    }
    let groupChannels = filter.shape[3]
    guard input.shape[3] % groupChannels == 0,
      filter.shape[0] % (input.shape[3] / groupChannels) == 0
    else {
      throw view.invalid(
        "\(input.shape[3]) input and \(filter.shape[0]) output channels do not divide into "
          + "filters of \(groupChannels) channels")
    }
    var lowered = try lowerWindow(
      view, .conv2D, options, filterSize: (filter.shape[1], filter.shape[2]),
      outputChannels: filter.shape[0])
    lowered.geometry.macs =
      output.elementCount * filter.shape[1] * filter.shape[2] * groupChannels
    lowered.set(.own0, groupChannels)
    // Each group goes over all rows.
    if groupChannels != input.shape[3] { lowered.rowLead = nil }
    try addChannels(
      to: &lowered, view, activation: options.activation, channelCount: filter.shape[0])
    let taps = filter.shape[1] * filter.shape[2] * groupChannels
    lowered.arrangeRows(
      of: taps, to: ConvolutionScratch.depth(taps: taps),
      outputs: filter.shape[0] / (input.shape[3] / groupChannels))
    lowered.scratchBytes = ConvolutionScratch.byteCount(taps: taps, groupChannels: groupChannels)
    append(lowered)
  }

  mutating func lowerDepthwiseConvolution(_ view: OperatorView) throws(CompileError) {
    guard case .depthwiseConvolution(let options) = view.operation.options else {
      throw view.invalid("its parameters are missing")
    }
    try view.requireCounts(inputs: 2...3, outputs: 1...1)
    let (input, filter, output) = (
      try view.computedInput(0), try view.anyInput(1), try view.output()
    )
    guard input.shape.count == 4, filter.shape.count == 4, output.shape.count == 4,
      filter.shape[0] == 1
    else { throw view.invalid("its tensors do not have 4 dimensions, the filter's first 1") }
    let multiplier = filter.shape[3] / input.shape[3]
    guard filter.shape[3] == input.shape[3] * multiplier, multiplier > 0,
      options.depthMultiplier == 0 || options.depthMultiplier == multiplier
    else {
      throw view.invalid(
        "\(filter.shape[3]) filters are not \(options.depthMultiplier) for each of "
          + "\(input.shape[3]) channels")
    }
    var lowered = try lowerWindow(
      view, .depthwiseConv2D, options, filterSize: (filter.shape[1], filter.shape[2]),
      outputChannels: filter.shape[3])
    lowered.geometry.macs = output.elementCount * filter.shape[1] * filter.shape[2]
    lowered.set(.own0, multiplier)
    try addChannels(
      to: &lowered, view, activation: options.activation, channelCount: filter.shape[3])
    if multiplier == 1 { lowered.arrangeBlocks(channels: filter.shape[3]) }
    append(lowered)
  }

  mutating func lowerFullyConnected(_ view: OperatorView) throws(CompileError) {
    guard case .fullyConnected(let options) = view.operation.options else {
      throw view.invalid("its parameters are missing")
    }
    guard !options.hasShuffledWeights else {
      throw view.invalid("shuffled weights are not supported")
    }
    try view.requireCounts(inputs: 2...3, outputs: 1...1)
    let (input, filter, output) = (
      try view.computedInput(0), try view.anyInput(1), try view.output()
    )
    guard filter.shape.count == 2 else { throw view.invalid("its weights are no matrix") }
    let (outputs, depth) = (filter.shape[0], filter.shape[1])
    let rows = input.elementCount / depth
    guard rows * depth == input.elementCount, output.shape.last == outputs,
      output.elementCount == rows * outputs
    else {
      throw view.invalid(
        "weights \(filter.shape) do not bring \(input.shape) to \(output.shape)")
    }
    var lowered = LoweredOperator(
      view,
      geometry: OperatorGeometry(
        .fullyConnected, from: [1, 1, depth], to: [1, 1, outputs],
        inputElements: input.elementCount),
      input: operand(input), inputBytes: input.elementCount, output: define(output.index),
      outputBytes: output.elementCount)
    lowered.batches = rows
    lowered.geometry.outputElements = output.elementCount
    lowered.geometry.macs = rows * depth * outputs
    let zeroPoint = filter.quantisation?.zeroPoints.first ?? 0
    guard (-128...127).contains(zeroPoint) else {
      throw view.invalid("the weights have the zero point \(zeroPoint)")
    }
    lowered.set(.own0, filter.quantisation?.isPerChannel == true ? 0 : zeroPoint)
    try addChannels(
      to: &lowered, view, activation: options.activation, channelCount: outputs)
    append(lowered)
  }

  /// Shapes and positions of a convolution's window.
  private mutating func lowerWindow(
    _ view: OperatorView, _ kind: OperatorKind, _ options: ConvolutionOptions,
    filterSize: (height: Int, width: Int), outputChannels: Int
  ) throws(CompileError) -> LoweredOperator {
    let window = Window(
      kernelHeight: filterSize.height, kernelWidth: filterSize.width,
      strideHeight: options.strideHeight, strideWidth: options.strideWidth,
      dilationHeight: options.dilationHeight, dilationWidth: options.dilationWidth,
      padding: options.padding)
    return try lowerWindow(view, kind, window, outputChannels: outputChannels)
  }

  /// Weights, bias and requantisation, one row for each output channel, and the output's range.
  ///
  /// Each channel's scale is computed in double, as TensorFlow Lite Micro's Prepare does.
  private func addChannels(
    to lowered: inout LoweredOperator, _ view: OperatorView, activation: FusedActivation,
    channelCount: Int
  ) throws(CompileError) {
    let input = try view.int8(try view.anyInput(0), "the input")
    let output = try view.int8(try view.output(), "the output")
    let filter = try view.anyInput(1)
    guard filter.type == .int8 else { throw view.unsupported("the weights", filter) }
    guard let weights = filter.data, weights.count == filter.elementCount else {
      throw view.invalid("the weights are not a constant")
    }
    let isFullyConnected = lowered.geometry.kind == .fullyConnected
    guard let quantisation = filter.quantisation else {
      throw view.invalid("the weights have no quantisation")
    }
    let scales = quantisation.scales
    guard scales.count == 1 || scales.count == channelCount else {
      throw view.invalid("the weights have \(scales.count) scales for \(channelCount) channels")
    }
    if scales.count > 1 {
      guard filter.shape.indices.contains(quantisation.dimension),
        filter.shape[quantisation.dimension] == channelCount
      else {
        throw view.invalid("the weights' scales run along dimension \(quantisation.dimension)")
      }
    }
    guard isFullyConnected && scales.count == 1 || quantisation.zeroPoints.allSatisfy({ $0 == 0 })
    else { throw view.invalid("the weights' zero points are not 0") }
    if let bad = scales.first(where: { !($0 >= 0 && $0.isFinite) }) {
      throw view.invalid("the weights have the scale \(bad)")
    }
    let biases = try bias(view, channelCount: channelCount)
    var rows: [ChannelRow] = []
    for channel in 0..<channelCount {
      let scale = scales.count == 1 ? scales[0] : scales[channel]
      rows.append(
        ChannelRow(
          bias: biases?[channel] ?? 0,
          scale: try view.scale(Double(input.scale) * Double(scale) / Double(output.scale))))
    }
    lowered.constants = [UInt8](weights)
    let sums = ReachableSums(
      weights: lowered.constants ?? [], channelCount: channelCount,
      isInterleaved: lowered.geometry.kind == .depthwiseConv2D,
      weightsZeroPoint: Int(lowered.words[.own0] ?? 0) * (isFullyConnected ? 1 : 0),
      inputZeroPoint: input.zeroPoint)
    lowered.setChannelRows(rows, reaching: sums, zeroPoint: output.zeroPoint)
    lowered.set(.inputZeroPoint, input.zeroPoint)
    lowered.setOutput(output, try view.activationRange(activation, output))
  }

  private func bias(
    _ view: OperatorView, channelCount: Int
  ) throws(CompileError) -> [Int32]? {
    guard let bias = view.optionalInput(2) else { return nil }
    guard bias.type == .int32 else { throw view.unsupported("the bias", bias) }
    guard let values = bias.int32Values else { throw view.invalid("the bias is not a constant") }
    guard values.count == channelCount else {
      throw view.invalid("the bias has \(values.count) values for \(channelCount) channels")
    }
    return values
  }
}
