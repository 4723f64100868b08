import MCUKernels

extension OperatorGeometry {
  /// Rows of "SAME" padding unless `valid`; heights, widths and channels as in the field.
  private static func layer(
    _ kind: OperatorKind, _ height: Int, _ width: Int, _ channels: Int, outputs: Int,
    kernel: (Int, Int), stride: (Int, Int), valid: Bool = false, macsPerOutput: Int = 0,
    inputs: Int = 1
  ) -> OperatorGeometry {
    let rows = valid ? (height - kernel.0) / stride.0 + 1 : (height + stride.0 - 1) / stride.0
    let columns = valid ? (width - kernel.1) / stride.1 + 1 : (width + stride.1 - 1) / stride.1
    let count = rows * columns * outputs
    return OperatorGeometry(
      kind: kind, inputHeight: height, inputWidth: width, inputChannels: channels,
      outputHeight: rows, outputWidth: columns, outputChannels: outputs,
      kernelHeight: kernel.0, kernelWidth: kernel.1, strideHeight: stride.0,
      strideWidth: stride.1, inputElements: height * width * channels * inputs,
      outputElements: count, macs: count * macsPerOutput)
  }

  static func convolution(
    _ height: Int, _ width: Int, _ channels: Int, outputs: Int, kernel: Int, stride: Int = 1
  ) -> OperatorGeometry {
    convolution(
      height, width, channels, outputs: outputs, kernel: (kernel, kernel), stride: (stride, stride))
  }

  static func convolution(
    _ height: Int, _ width: Int, _ channels: Int, outputs: Int, kernel: (Int, Int),
    stride: (Int, Int)
  ) -> OperatorGeometry {
    layer(
      .conv2D, height, width, channels, outputs: outputs, kernel: kernel, stride: stride,
      macsPerOutput: kernel.0 * kernel.1 * channels)
  }

  static func depthwise(
    _ height: Int, _ width: Int, _ channels: Int, kernel: Int = 3, stride: Int = 1
  ) -> OperatorGeometry {
    layer(
      .depthwiseConv2D, height, width, channels, outputs: channels, kernel: (kernel, kernel),
      stride: (stride, stride), macsPerOutput: kernel * kernel)
  }

  static func dense(_ inputs: Int, _ outputs: Int) -> OperatorGeometry {
    layer(
      .fullyConnected, 1, 1, inputs, outputs: outputs, kernel: (1, 1), stride: (1, 1),
      macsPerOutput: inputs)
  }

  static func add(_ height: Int, _ width: Int, _ channels: Int) -> OperatorGeometry {
    layer(
      .add, height, width, channels, outputs: channels, kernel: (1, 1), stride: (1, 1), inputs: 2)
  }

  static func maxPool(
    _ height: Int, _ width: Int, _ channels: Int, kernel: Int, stride: Int
  ) -> OperatorGeometry {
    layer(
      .maxPool2D, height, width, channels, outputs: channels, kernel: (kernel, kernel),
      stride: (stride, stride))
  }

  static func globalAverage(_ height: Int, _ width: Int, _ channels: Int) -> OperatorGeometry {
    layer(
      .averagePool2D, height, width, channels, outputs: channels, kernel: (height, width),
      stride: (height, width), valid: true)
  }
}
