import TFLite

/// One operator of the graph with its tensors, each look-up checked: what lowering reads.
struct OperatorView {
  let operation: TFLiteOperator
  let model: TFLiteModel

  var index: Int { operation.index }
  var name: String { operation.name }

  func invalid(_ reason: String) -> CompileError {
    .invalidOperator(index: index, name: name, reason: reason)
  }

  func unsupported(_ what: String, _ tensor: TFLiteTensor) -> CompileError {
    .unsupportedType(index: index, name: name, tensor: what, type: "\(tensor.type)")
  }

  func requireCounts(inputs: ClosedRange<Int>, outputs: ClosedRange<Int>) throws(CompileError) {
    guard inputs.contains(operation.inputs.count) else {
      throw invalid("it has \(operation.inputs.count) inputs, not \(Self.text(inputs))")
    }
    guard outputs.contains(operation.outputs.count) else {
      throw invalid("it has \(operation.outputs.count) outputs, not \(Self.text(outputs))")
    }
  }

  private static func text(_ range: ClosedRange<Int>) -> String {
    if range.count == 1 { return "\(range.lowerBound)" }
    return range.upperBound == Int.max
      ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }

  // MARK: Tensors

  /// Input `position`, or nil where it is left out.
  func optionalInput(_ position: Int) -> TFLiteTensor? {
    guard operation.inputs.indices.contains(position),
      model.tensors.indices.contains(operation.inputs[position])
    else { return nil }
    return model.tensors[operation.inputs[position]]
  }

  func anyInput(_ position: Int) throws(CompileError) -> TFLiteTensor {
    guard let tensor = optionalInput(position) else {
      throw invalid("input \(position) is missing")
    }
    return tensor
  }

  /// Input `position`, which must be computed, not constant.
  func computedInput(_ position: Int) throws(CompileError) -> TFLiteTensor {
    let tensor = try anyInput(position)
    guard !tensor.isConstant else { throw invalid("input \(position) is a constant") }
    return tensor
  }

  func output(_ position: Int = 0) throws(CompileError) -> TFLiteTensor {
    guard operation.outputs.indices.contains(position),
      model.tensors.indices.contains(operation.outputs[position])
    else { throw invalid("output \(position) is missing") }
    return model.tensors[operation.outputs[position]]
  }

  /// The elements of a constant int32 input.
  func constantInts(_ position: Int, _ what: String) throws(CompileError) -> [Int] {
    let tensor = try anyInput(position)
    guard tensor.type == .int32 else { throw unsupported("the \(what)", tensor) }
    guard let values = tensor.int32Values else { throw invalid("the \(what) is not a constant") }
    return values.map { Int($0) }
  }

  // MARK: Types and quantisation

  /// The quantisation of an int8 tensor.
  func int8(_ tensor: TFLiteTensor, _ what: String) throws(CompileError) -> Quantisation {
    guard tensor.type == .int8 else { throw unsupported(what, tensor) }
    return try quantisation(tensor, what)
  }

  /// The one scale and zero point of an int8 or uint8 tensor.
  func quantisation(_ tensor: TFLiteTensor, _ what: String) throws(CompileError) -> Quantisation {
    guard let parameters = tensor.quantisation else {
      throw invalid("\(what) has no quantisation")
    }
    guard parameters.scales.count == 1, parameters.zeroPoints.count == 1 else {
      throw invalid("\(what) has \(parameters.scales.count) scales, not 1")
    }
    let scale = parameters.scales[0]
    guard scale.isFinite, scale > 0 else { throw invalid("\(what) has the scale \(scale)") }
    let range = tensor.type == .uint8 ? 0...255 : -128...127
    guard range.contains(parameters.zeroPoints[0]) else {
      throw invalid(
        "\(what) has the zero point \(parameters.zeroPoints[0]), which \(tensor.type) cannot hold")
    }
    return Quantisation(scale: scale, zeroPoint: parameters.zeroPoints[0])
  }

  /// Bytes of one element of an int8, uint8 or float32 tensor: the types that are moved about.
  func elementSize(_ tensor: TFLiteTensor, _ what: String) throws(CompileError) -> Int {
    switch tensor.type {
    case .int8, .uint8: return 1
    case .float32: return 4
    default: throw unsupported(what, tensor)
    }
  }

  /// A real scale as the chip multiplies by it.
  func scale(_ real: Double) throws(CompileError) -> QuantisedScale {
    guard let scale = QuantisedScale(real) else {
      throw invalid("its scales are too far apart: one is \(real) times another")
    }
    return scale
  }

  /// The int8 range that an activation function leaves of an output.
  func activationRange(
    _ activation: FusedActivation, _ output: Quantisation
  ) throws(CompileError) -> ClosedRange<Int> {
    func quantised(_ real: Float) throws(CompileError) -> Int {
      let steps = (real / output.scale).rounded(.toNearestOrAwayFromZero)
      guard abs(steps) < 0x1p31 else { throw invalid("the output's scale is \(output.scale)") }
      return output.zeroPoint + Int(steps)
    }
    let zero = output.zeroPoint
    switch activation {
    case .none: return -128...127
    case .relu: return zero...127
    case .relu6: return zero...min(127, try quantised(6))
    case .reluN1To1: return max(-128, try quantised(-1))...min(127, try quantised(1))
    case .tanh, .signBit: throw invalid("the fused activation \(activation) is not supported")
    }
  }
}

/// real = scale · (integer - zeroPoint), for a whole tensor.
struct Quantisation: Equatable, Sendable {
  let scale: Float
  let zeroPoint: Int
}
