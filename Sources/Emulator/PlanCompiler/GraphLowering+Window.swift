import MCUKernels
import TFLite

/// A window that slides over an image.
struct Window {
  let kernelHeight, kernelWidth: Int
  let strideHeight, strideWidth: Int
  let dilationHeight, dilationWidth: Int
  let padding: Padding

  /// Where the window goes along one dimension: how many positions, and how many zeros before the
  /// input; nil where it does not fit. TensorFlow's rule for SAME and VALID.
  static func positions(
    input: Int, kernel: Int, stride: Int, dilation: Int, padding: Padding
  ) -> (count: Int, before: Int)? {
    let limit = PlanFormat.sizeLimit
    guard kernel > 0, stride > 0, dilation > 0, kernel <= limit, stride <= limit,
      dilation <= limit
    else { return nil }
    let reach = (kernel - 1) * dilation + 1
    let count =
      padding == .same ? (input + stride - 1) / stride : (input - reach + stride) / stride
    guard count > 0, padding == .same || reach <= input, count * stride + reach <= limit else {
      return nil
    }
    return (count, max(0, (count - 1) * stride + reach - input) / 2)
  }

  /// The least ``LoweredOperator/rowLead`` with which no row of the output covers a row of the input
  /// that it, or a later one, is made of.
  ///
  /// - Parameters:
  ///   - input, output: rows and the bytes of one.
  ///   - before: rows of zeros before the input.
  static func rowLead(
    input: (rows: Int, bytes: Int), output: (rows: Int, bytes: Int), stride: Int, before: Int
  ) -> Int {
    (0..<output.rows).reduce(0) { lead, row in
      let needed = min(max(0, row * stride - before), input.rows)
      return max(lead, (row + 1) * output.bytes - needed * input.bytes)
    }
  }
}

extension GraphLowering {
  /// Shapes and positions of a window operator on 4-dimensional tensors, which the caller has
  /// checked to be that.
  mutating func lowerWindow(
    _ view: OperatorView, _ kind: OperatorKind, _ window: Window, outputChannels: Int
  ) throws(CompileError) -> LoweredOperator {
    let (input, output) = (try view.computedInput(0), try view.output())
    guard
      let vertical = Window.positions(
        input: input.shape[1], kernel: window.kernelHeight, stride: window.strideHeight,
        dilation: window.dilationHeight, padding: window.padding),
      let horizontal = Window.positions(
        input: input.shape[2], kernel: window.kernelWidth, stride: window.strideWidth,
        dilation: window.dilationWidth, padding: window.padding)
    else {
      throw view.invalid(
        "a window of \(window.kernelHeight)x\(window.kernelWidth) does not fit \(input.shape)")
    }
    let expected = [input.shape[0], vertical.count, horizontal.count, outputChannels]
    guard output.shape == expected else {
      throw view.invalid("its output has the shape \(output.shape), not \(expected)")
    }
    var lowered = LoweredOperator(
      view, geometry: OperatorGeometry(kind, from: input.shape, to: output.shape),
      input: operand(input), inputBytes: input.elementCount, output: define(output.index),
      outputBytes: output.elementCount)
    lowered.batches = input.shape[0]
    lowered.geometry.kernelHeight = window.kernelHeight
    lowered.geometry.kernelWidth = window.kernelWidth
    lowered.geometry.strideHeight = window.strideHeight
    lowered.geometry.strideWidth = window.strideWidth
    lowered.set(.padTop, vertical.before)
    lowered.set(.padLeft, horizontal.before)
    lowered.set(.dilationHeight, window.dilationHeight)
    lowered.set(.dilationWidth, window.dilationWidth)
    if lowered.batches == 1 {
      lowered.rowLead = Window.rowLead(
        input: (input.shape[1], input.shape[2] * input.shape[3]),
        output: (vertical.count, horizontal.count * outputChannels),
        stride: window.strideHeight, before: vertical.before)
    }
    return lowered
  }

  /// AVERAGE_POOL_2D and MAX_POOL_2D.
  mutating func lowerPool(_ view: OperatorView, _ kind: OperatorKind) throws(CompileError) {
    guard case .pool(let options) = view.operation.options else {
      throw view.invalid("its parameters are missing")
    }
    try view.requireCounts(inputs: 1...1, outputs: 1...1)
    let (input, output) = (try view.computedInput(0), try view.output())
    guard input.shape.count == 4, output.shape.count == 4 else {
      throw view.invalid("its tensors do not have 4 dimensions")
    }
    let inputQuantisation = try view.int8(input, "the input")
    let outputQuantisation = try view.int8(output, "the output")
    guard abs(inputQuantisation.scale - outputQuantisation.scale) <= 1e-6,
      inputQuantisation.zeroPoint == outputQuantisation.zeroPoint
    else { throw view.invalid("its input and output differ in quantisation") }
    let window = Window(
      kernelHeight: options.filterHeight, kernelWidth: options.filterWidth,
      strideHeight: options.strideHeight, strideWidth: options.strideWidth, dilationHeight: 1,
      dilationWidth: 1, padding: options.padding)
    var lowered = try lowerWindow(view, kind, window, outputChannels: input.shape[3])
    lowered.set(.inputZeroPoint, inputQuantisation.zeroPoint)
    lowered.setOutput(
      outputQuantisation, try view.activationRange(options.activation, outputQuantisation))
    append(lowered)
  }
}
