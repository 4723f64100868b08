import MCUKernels
import TFLite

/// ADD, MUL and MEAN.
extension GraphLowering {
  mutating func lowerAdd(_ view: OperatorView) throws(CompileError) {
    var (lowered, first, second, output) = try lowerBinary(view, .add)
    // As TensorFlow Lite Micro's Prepare: all in double but for the larger scale.
    let twiceLarger = 2 * Double(max(first.scale, second.scale))
    let operands = [
      operandTable(first, try view.scale(Double(first.scale) / twiceLarger)),
      operandTable(second, try view.scale(Double(second.scale) / twiceLarger)),
    ]
    let factor = twiceLarger / (Double(1 << 20) * Double(output.scale))
    guard factor < 1 else {
      throw view.invalid("the output's scale \(output.scale) is too small for its inputs'")
    }
    lowered.constants = operands.joined().flatMap(\.littleEndianBytes)
    let reach = operands.reduce(0) { $0 + ($1.map { abs(Int($0)) }.max() ?? 0) }
    let row = ChannelRow(bias: 0, scale: try view.scale(factor))
    let quick = row.quick(reaching: -reach...reach, zeroPoint: output.zeroPoint)
    if quick != nil { lowered.flags |= PlanFormat.flagQuickRows }
    let words = quick ?? row.exact
    lowered.words[.own0] = words[1]
    lowered.words[.own1] = words[2]
    lowered.words[.own2] = words[3]
    append(lowered)
  }

  /// An operand's 256 values as they are added: zero point taken out, 20 fraction bits, scaled.
  private func operandTable(_ quantisation: Quantisation, _ scale: QuantisedScale) -> [Int32] {
    (-128...127).map { scale.apply(Int32($0 - quantisation.zeroPoint) << 20) }
  }

  mutating func lowerMul(_ view: OperatorView) throws(CompileError) {
    var (lowered, first, second, output) = try lowerBinary(view, .mul)
    lowered.set(
      .own0, .own1,
      try view.scale(Double(first.scale) * Double(second.scale) / Double(output.scale)))
    append(lowered)
  }

  /// What ADD and MUL have in common. A constant operand becomes the second one.
  private mutating func lowerBinary(
    _ view: OperatorView, _ kind: OperatorKind
  ) throws(CompileError) -> (LoweredOperator, Quantisation, Quantisation, Quantisation) {
    guard case .elementwise(let activation) = view.operation.options else {
      throw view.invalid("its parameters are missing")
    }
    try view.requireCounts(inputs: 2...2, outputs: 1...1)
    var (first, second) = (try view.anyInput(0), try view.anyInput(1))
    if first.isConstant { swap(&first, &second) }
    guard !first.isConstant else { throw view.invalid("both inputs are constants") }
    let output = try view.output()
    let rank = max(first.shape.count, second.shape.count, output.shape.count)
    func extended(_ shape: [Int]) -> [Int] {
      [Int](repeating: 1, count: rank - shape.count) + shape
    }
    let shapes = (extended(first.shape), extended(second.shape), extended(output.shape))
    for index in 0..<rank {
      let (a, b) = (shapes.0[index], shapes.1[index])
      guard a == b || a == 1 || b == 1, max(a, b) == shapes.2[index] else {
        throw view.invalid(
          "\(first.shape) and \(second.shape) do not broadcast to \(output.shape)")
      }
    }
    func broadcastStrides(_ shape: [Int]) -> [Int] {
      zip(LoopRows.strides(of: shape), shape).map { $1 == 1 ? 0 : $0 }
    }
    let strides = (broadcastStrides(shapes.0), broadcastStrides(shapes.1))
    let loops = LoopRows(
      (0..<rank).map {
        LoopRows.Row(
          count: shapes.2[$0], firstStride: strides.0[$0], secondStride: strides.1[$0])
      })
    let quantisations = (
      try view.int8(first, "an input"), try view.int8(second, "an input"),
      try view.int8(output, "the output")
    )
    var lowered = LoweredOperator(
      view,
      geometry: OperatorGeometry(
        kind, from: first.shape, to: output.shape,
        inputElements: first.elementCount + (second.isConstant ? 0 : second.elementCount)),
      input: operand(first), inputBytes: first.elementCount, output: define(output.index),
      outputBytes: output.elementCount)
    lowered.second = operand(second)
    lowered.secondBytes = second.elementCount
    lowered.rows = loops.words
    lowered.mayRunInPlace = true
    lowered.set(.inputZeroPoint, quantisations.0.zeroPoint)
    lowered.set(.secondZeroPoint, quantisations.1.zeroPoint)
    lowered.setOutput(quantisations.2, try view.activationRange(activation, quantisations.2))
    return (lowered, quantisations.0, quantisations.1, quantisations.2)
  }

  mutating func lowerMean(_ view: OperatorView) throws(CompileError) {
    guard case .reduce(let keepDimensions) = view.operation.options else {
      throw view.invalid("its parameters are missing")
    }
    try view.requireCounts(inputs: 2...2, outputs: 1...1)
    let (input, output) = (try view.computedInput(0), try view.output())
    let rank = input.shape.count
    var reduced = Set<Int>()
    for axis in try view.constantInts(1, "axis") {
      guard axis >= -rank, axis < rank else {
        throw view.invalid("\(input.shape) has no dimension \(axis)")
      }
      reduced.insert(axis < 0 ? axis + rank : axis)
    }
    let kept = input.shape.indices.filter { !reduced.contains($0) }
    let expected =
      keepDimensions
      ? input.shape.indices.map { reduced.contains($0) ? 1 : input.shape[$0] }
      : kept.map { input.shape[$0] }
    guard output.shape == expected else {
      throw view.invalid("its output has the shape \(output.shape), not \(expected)")
    }
    let strides = LoopRows.strides(of: input.shape)
    func loops(_ dimensions: [Int]) -> LoopRows {
      LoopRows(
        dimensions.map {
          LoopRows.Row(count: input.shape[$0], firstStride: strides[$0], secondStride: 0)
        })
    }
    let keptLoops = loops(kept)
    let reducedLoops = loops(reduced.sorted())
    let count = reduced.reduce(1) { $0 * input.shape[$1] }
    let quantisations = (try view.int8(input, "the input"), try view.int8(output, "the output"))
    let scale = try view.scale(
      Double(quantisations.0.scale) / Double(quantisations.1.scale))
    var lowered = LoweredOperator(
      view, geometry: OperatorGeometry(.mean, from: input.shape, to: output.shape),
      input: operand(input), inputBytes: input.elementCount, output: define(output.index),
      outputBytes: output.elementCount)
    lowered.geometry.outputHeight = 1
    lowered.geometry.outputWidth = 1
    lowered.rows = keptLoops.words + reducedLoops.words
    lowered.set(.own0, .own1, scale.divided(by: count))
    lowered.set(.own2, keptLoops.rows.count)
    lowered.set(.own3, -quantisations.0.zeroPoint * count)
    lowered.set(.inputZeroPoint, quantisations.0.zeroPoint)
    lowered.setOutput(quantisations.1, -128...127)
    append(lowered)
  }
}
