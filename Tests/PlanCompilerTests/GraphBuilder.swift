import TFLite

/// Puts small models together by hand.
struct GraphBuilder {
  private(set) var tensors: [TFLiteTensor] = []
  private(set) var operators: [TFLiteOperator] = []

  mutating func tensor(
    _ shape: [Int], _ type: TFLiteTensorType = .int8, scale: Float = 0.5, zeroPoint: Int = -3,
    name: String = "", data: [UInt8]? = nil, isVariable: Bool = false
  ) -> Int {
    let isQuantised = type == .int8 || type == .uint8
    return add(
      shape, type, name: name, data: data, isVariable: isVariable,
      quantisation: isQuantised
        ? TFLiteQuantisation(scales: [scale], zeroPoints: [zeroPoint]) : nil)
  }

  mutating func add(
    _ shape: [Int], _ type: TFLiteTensorType, name: String = "", data: [UInt8]? = nil,
    isVariable: Bool = false, quantisation: TFLiteQuantisation?
  ) -> Int {
    tensors.append(
      TFLiteTensor(
        index: tensors.count, name: name, shape: shape, type: type, data: data.map { $0[...] },
        quantisation: quantisation, isVariable: isVariable))
    return tensors.count - 1
  }

  /// Constant int8 weights, a fixed sequence.
  mutating func weights(_ shape: [Int], scales: [Float] = [0.01], dimension: Int = 0) -> Int {
    let count = shape.reduce(1, *)
    return add(
      shape, .int8, data: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 19) },
      quantisation: TFLiteQuantisation(
        scales: scales, zeroPoints: scales.map { _ in 0 }, dimension: dimension))
  }

  mutating func int32(_ values: [Int32], shape: [Int]? = nil) -> Int {
    add(
      shape ?? [values.count], .int32,
      data: values.flatMap { value in
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
      }, quantisation: nil)
  }

  mutating func apply(
    _ code: BuiltinOperatorCode, _ inputs: [Int], _ outputs: [Int],
    _ options: OperatorOptions = .none, version: Int = 1
  ) {
    operators.append(
      TFLiteOperator(
        index: operators.count, code: code, name: code.name, version: version, inputs: inputs,
        outputs: outputs, options: options))
  }

  func model(inputs: [Int], outputs: [Int]) -> TFLiteModel {
    TFLiteModel(tensors: tensors, operators: operators, inputs: inputs, outputs: outputs)
  }
}
