import MCUKernels
import TFLite

/// SOFTMAX, LOGISTIC, QUANTIZE and DEQUANTIZE.
extension GraphLowering {
  mutating func lowerSoftmax(_ view: OperatorView) throws(CompileError) {
    guard case .softmax(let beta) = view.operation.options else {
      throw view.invalid("its parameters are missing")
    }
    try view.requireCounts(inputs: 1...1, outputs: 1...1)
    let (input, output) = (try view.computedInput(0), try view.output())
    guard let depth = input.shape.last, input.shape == output.shape else {
      throw view.invalid("its output has the shape \(output.shape), not \(input.shape)")
    }
    let quantisations = (try view.int8(input, "the input"), try view.int8(output, "the output"))
    guard quantisations.1.scale == 1.0 / 256, quantisations.1.zeroPoint == -128 else {
      throw view.invalid("its output's scale is not 1/256 with zero point -128")
    }
    guard let table = ExponentialTables.softmax(scale: quantisations.0.scale, beta: beta) else {
      throw view.invalid("the input's scale \(quantisations.0.scale) with beta \(beta)")
    }
    var lowered = LoweredOperator(
      view, geometry: OperatorGeometry(.softmax, from: input.shape, to: output.shape),
      input: operand(input), inputBytes: input.elementCount, output: define(output.index),
      outputBytes: output.elementCount)
    lowered.constants = table.flatMap(\.littleEndianBytes)
    lowered.mayRunInPlace = true
    lowered.set(.own0, depth)
    lowered.set(.own1, input.elementCount / depth)
    lowered.set(.inputZeroPoint, quantisations.0.zeroPoint)
    lowered.setOutput(quantisations.1, -128...127)
    append(lowered)
  }

  mutating func lowerLogistic(_ view: OperatorView) throws(CompileError) {
    try view.requireCounts(inputs: 1...1, outputs: 1...1)
    let (input, output) = (try view.computedInput(0), try view.output())
    let quantisations = (try view.int8(input, "the input"), try view.int8(output, "the output"))
    guard quantisations.1.zeroPoint == -128 else {
      throw view.invalid("its output's zero point is not -128")
    }
    guard
      let table = ExponentialTables.logistic(
        scale: quantisations.0.scale, zeroPoint: quantisations.0.zeroPoint)
    else { throw view.invalid("the input has the scale \(quantisations.0.scale)") }
    try appendLookUp(view, .logistic, input, output, table)
  }

  mutating func lowerQuantize(_ view: OperatorView) throws(CompileError) {
    try view.requireCounts(inputs: 1...1, outputs: 1...1)
    let (input, output) = (try view.computedInput(0), try view.output())
    switch (input.type, output.type) {
    case (.float32, .int8): try lowerQuantizeFloat(view, input, output)
    case (.int8, .int8), (.int8, .uint8), (.uint8, .int8):
      try appendLookUp(view, .requantize, input, output, try requantisation(view, input, output))
    case (.float32, _), (.int8, _), (.uint8, _): throw view.unsupported("the output", output)
    default: throw view.unsupported("the input", input)
    }
  }

  private mutating func lowerQuantizeFloat(
    _ view: OperatorView, _ input: TFLiteTensor, _ output: TFLiteTensor
  ) throws(CompileError) {
    guard input.shape == output.shape else {
      throw view.invalid("its output has the shape \(output.shape), not \(input.shape)")
    }
    let quantisation = try view.int8(output, "the output")
    var lowered = LoweredOperator(
      view, geometry: OperatorGeometry(.quantize, from: input.shape, to: output.shape),
      input: operand(input), inputBytes: 4 * input.elementCount, output: define(output.index),
      outputBytes: output.elementCount)
    lowered.words[.own0] = Int32(bitPattern: quantisation.scale.bitPattern)
    lowered.setOutput(quantisation, -128...127)
    append(lowered)
  }

  /// What QUANTIZE makes of each byte, from one 8-bit type to another.
  private func requantisation(
    _ view: OperatorView, _ input: TFLiteTensor, _ output: TFLiteTensor
  ) throws(CompileError) -> [UInt8] {
    let from = try view.quantisation(input, "the input")
    let to = try view.quantisation(output, "the output")
    let scale = try view.scale(Double(from.scale) / Double(to.scale))
    let range: ClosedRange<Int32> = output.type == .uint8 ? 0...255 : -128...127
    return (0..<256).map { byte in
      let value = input.type == .uint8 ? Int32(byte) : Int32(Int8(truncatingIfNeeded: byte))
      let scaled = scale.apply(value - Int32(from.zeroPoint)) &+ Int32(to.zeroPoint)
      return UInt8(truncatingIfNeeded: min(max(scaled, range.lowerBound), range.upperBound))
    }
  }

  private mutating func appendLookUp(
    _ view: OperatorView, _ kind: OperatorKind, _ input: TFLiteTensor, _ output: TFLiteTensor,
    _ table: [UInt8]
  ) throws(CompileError) {
    guard input.shape == output.shape else {
      throw view.invalid("its output has the shape \(output.shape), not \(input.shape)")
    }
    var lowered = LoweredOperator(
      view, geometry: OperatorGeometry(kind, from: input.shape, to: output.shape),
      input: operand(input), inputBytes: input.elementCount, output: define(output.index),
      outputBytes: output.elementCount)
    lowered.constants = table
    lowered.mayRunInPlace = true
    append(lowered)
  }

  mutating func lowerDequantize(_ view: OperatorView) throws(CompileError) {
    try view.requireCounts(inputs: 1...1, outputs: 1...1)
    let (input, output) = (try view.computedInput(0), try view.output())
    guard input.type == .int8 || input.type == .uint8 else {
      throw view.unsupported("the input", input)
    }
    guard output.type == .float32 else { throw view.unsupported("the output", output) }
    guard input.shape == output.shape else {
      throw view.invalid("its output has the shape \(output.shape), not \(input.shape)")
    }
    let quantisation = try view.quantisation(input, "the input")
    var lowered = LoweredOperator(
      view, geometry: OperatorGeometry(.dequantize, from: input.shape, to: output.shape),
      input: operand(input), inputBytes: input.elementCount, output: define(output.index),
      outputBytes: 4 * output.elementCount)
    lowered.words[.own0] = Int32(bitPattern: quantisation.scale.bitPattern)
    lowered.set(.inputZeroPoint, quantisation.zeroPoint)
    if input.type == .uint8 { lowered.flags = PlanFormat.flagInputUnsigned }
    append(lowered)
  }
}
