import MCUKernels
import TFLite

/// RESHAPE, PAD, TRANSPOSE and CONCATENATION: values moved about.
extension GraphLowering {
  mutating func lowerReshape(_ view: OperatorView) throws(CompileError) {
    try view.requireCounts(inputs: 1...2, outputs: 1...1)
    let (input, output) = (try view.computedInput(0), try view.output())
    _ = try view.elementSize(input, "the input")
    guard input.type == output.type else { throw view.unsupported("the output", output) }
    guard input.elementCount == output.elementCount else {
      throw view.invalid("\(input.shape) cannot become \(output.shape)")
    }
    alias(output, to: input)
  }

  mutating func lowerPad(_ view: OperatorView) throws(CompileError) {
    try view.requireCounts(inputs: 2...3, outputs: 1...1)
    let (input, output) = (try view.computedInput(0), try view.output())
    let size = try view.elementSize(input, "the input")
    let rank = input.shape.count
    let paddings = try view.constantInts(1, "padding")
    guard paddings.count == 2 * rank, output.shape.count == rank, input.type == output.type,
      paddings.allSatisfy({ $0 >= 0 })
    else { throw view.invalid("a padding of \(paddings) does not fit \(input.shape)") }
    var base = 0
    let outputStrides = LoopRows.strides(of: output.shape).map { $0 * size }
    let inputStrides = LoopRows.strides(of: input.shape).map { $0 * size }
    var rows: [LoopRows.Row] = []
    for index in 0..<rank {
      let (before, after) = (paddings[2 * index], paddings[2 * index + 1])
      guard input.shape[index] + before + after == output.shape[index] else {
        throw view.invalid(
          "a padding of \(paddings) does not bring \(input.shape) to \(output.shape)")
      }
      base += before * outputStrides[index]
      rows.append(
        .init(
          count: input.shape[index], firstStride: inputStrides[index],
          secondStride: outputStrides[index]))
    }
    let pattern = try padPattern(view, output)
    var lowered = movement(
      view, .pad, input: input, output: output, to: define(output.index), elementSize: size,
      rows: rows)
    lowered.words[.own0] = Int32(bitPattern: pattern)
    lowered.set(.own2, base)
    append(lowered)
  }

  /// The four bytes that padding repeats: PADV2's value, or the output's zero.
  private func padPattern(
    _ view: OperatorView, _ output: TFLiteTensor
  ) throws(CompileError) -> UInt32 {
    if let value = view.optionalInput(2) {
      guard value.type == output.type else { throw view.unsupported("the padding value", value) }
      guard let data = value.data, value.elementCount == 1 else {
        throw view.invalid("the padding value is not one constant")
      }
      guard output.type != .float32 else {
        return data.reversed().reduce(0) { $0 << 8 | UInt32($1) }
      }
      let quantisations = (
        try view.quantisation(value, "the padding value"),
        try view.quantisation(output, "the output")
      )
      guard quantisations.0 == quantisations.1 else {
        throw view.invalid("the padding value and the output differ in quantisation")
      }
      return UInt32(data[data.startIndex]) * 0x0101_0101
    }
    guard output.type != .float32 else { return 0 }
    let zeroPoint = try view.quantisation(output, "the output").zeroPoint
    return UInt32(UInt8(truncatingIfNeeded: zeroPoint)) * 0x0101_0101
  }

  mutating func lowerTranspose(_ view: OperatorView) throws(CompileError) {
    try view.requireCounts(inputs: 2...2, outputs: 1...1)
    let (input, output) = (try view.computedInput(0), try view.output())
    let size = try view.elementSize(input, "the input")
    let permutation = try view.constantInts(1, "permutation")
    guard permutation.sorted() == Array(input.shape.indices), input.type == output.type,
      output.shape == permutation.map({ input.shape[$0] })
    else {
      throw view.invalid(
        "the permutation \(permutation) does not bring \(input.shape) to \(output.shape)")
    }
    let inputStrides = LoopRows.strides(of: input.shape)
    let outputStrides = LoopRows.strides(of: output.shape)
    append(
      movement(
        view, .transpose, input: input, output: output, to: define(output.index),
        elementSize: size,
        rows: permutation.indices.map {
          LoopRows.Row(
            count: output.shape[$0], firstStride: inputStrides[permutation[$0]] * size,
            secondStride: outputStrides[$0] * size)
        }))
  }

  mutating func lowerConcatenation(_ view: OperatorView) throws(CompileError) {
    guard case .concatenation(let axis, let activation) = view.operation.options else {
      throw view.invalid("its parameters are missing")
    }
    try view.requireCounts(inputs: 1...Int.max, outputs: 1...1)
    guard activation == .none else {
      throw view.invalid("the fused activation \(activation) is not supported")
    }
    let output = try view.output()
    let size = try view.elementSize(output, "the output")
    let rank = output.shape.count
    guard axis >= -rank, axis < rank else {
      throw view.invalid("\(output.shape) has no dimension \(axis)")
    }
    let dimension = axis < 0 ? axis + rank : axis
    let inner = output.shape[(dimension + 1)...].reduce(size, *)
    let outer = output.shape[..<dimension].reduce(1, *)
    var position = 0
    var pieces: [LoweredOperator] = []
    let buffer = define(output.index)
    for index in view.operation.inputs.indices {
      let input = try view.anyInput(index)
      guard input.type == output.type else { throw view.unsupported("input \(index)", input) }
      var expected = output.shape
      expected[dimension] = input.shape.count == rank ? input.shape[dimension] : 0
      guard input.shape == expected else {
        throw view.invalid("input \(index) of shape \(input.shape) does not fit \(output.shape)")
      }
      if output.type != .float32 {
        guard
          try view.quantisation(input, "input \(index)")
            == view.quantisation(output, "the output")
        else { throw view.invalid("input \(index) and the output differ in quantisation") }
      }
      let run = input.shape[dimension] * inner
      var piece = movement(
        view, .concatenation, input: input, output: output, to: buffer, elementSize: size,
        rows: [
          .init(
            count: outer, firstStride: run, secondStride: output.shape[dimension] * inner),
          .init(count: run / size, firstStride: size, secondStride: size),
        ])
      piece.set(.own2, position * inner)
      pieces.append(piece)
      position += input.shape[dimension]
    }
    guard position == output.shape[dimension] else {
      throw view.invalid(
        "its inputs fill \(position) of \(output.shape[dimension]) along dimension \(dimension)")
    }
    for piece in pieces { append(piece) }
  }

  /// A record that moves elements of `input` to the buffer of `output`, along rows whose strides are
  /// in bytes.
  func movement(
    _ view: OperatorView, _ kind: OperatorKind, input: TFLiteTensor, output: TFLiteTensor,
    to buffer: Int, elementSize: Int, rows: [LoopRows.Row]
  ) -> LoweredOperator {
    var loops = LoopRows(rows + [.init(count: elementSize, firstStride: 1, secondStride: 1)])
    let run = loops.takeRun()
    // One run needs no loop; padding has to fill what is around it.
    let kind = loops.rows.isEmpty && kind != .pad ? .copy : kind
    var lowered = LoweredOperator(
      view, geometry: OperatorGeometry(kind, from: input.shape, to: output.shape),
      input: operand(input), inputBytes: input.elementCount * elementSize, output: buffer,
      outputBytes: output.elementCount * elementSize)
    lowered.rows = loops.words
    lowered.set(.own1, run)
    return lowered
  }
}
