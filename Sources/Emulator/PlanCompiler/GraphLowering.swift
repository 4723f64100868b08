import MCUKernels
import TFLite

/// Turns a graph's operators, in order, into records of a plan whose tensors are numbered buffers.
struct GraphLowering {
  /// A tensor's memory in the arena. RESHAPE gives a tensor its input's.
  struct Buffer {
    let name: String
    let byteCount: Int
  }

  let model: TFLiteModel
  private(set) var buffers: [Buffer] = []
  private(set) var operators: [LoweredOperator] = []
  /// The buffer of each tensor that has been computed so far.
  private var bufferOfTensor: [Int: Int] = [:]
  /// How often each tensor is read, as an operator's input or as an output of the graph.
  private let readers: [Int: Int]

  /// Lowers the whole graph.
  init(_ model: TFLiteModel) throws(CompileError) {
    self.model = model
    var readers: [Int: Int] = [:]
    for tensor in model.operators.flatMap(\.inputs) + model.outputs {
      readers[tensor, default: 0] += 1
    }
    self.readers = readers
    try checkTensors()
    for input in model.inputs {
      let tensor = model.tensors[input]
      guard !tensor.isConstant else {
        throw .invalidModel(reason: "its input \(tensor.label) is a constant")
      }
      guard bufferOfTensor[input] == nil else {
        throw .invalidModel(reason: "its input \(tensor.label) is named twice")
      }
      _ = define(input)
    }
    for operation in model.operators { try lower(operation) }
    for output in model.outputs where bufferOfTensor[output] == nil {
      throw .invalidModel(
        reason: "its output \(model.tensors[output].label) is never computed")
    }
  }

  /// The buffer of a graph's input or output.
  func buffer(ofTensor tensor: Int) -> Int? { bufferOfTensor[tensor] }

  /// Puts an operator in front of all others, which reads a new buffer and writes an input's.
  mutating func prepend(_ operation: LoweredOperator) {
    operators.insert(operation, at: 0)
  }

  /// Gives the operators another order, and leaves out what nobody needs.
  mutating func reorder(_ order: OperatorOrder) {
    operators = order.operators
  }

  /// A new buffer.
  mutating func addBuffer(name: String, byteCount: Int) -> Int {
    buffers.append(Buffer(name: name, byteCount: byteCount))
    return buffers.count - 1
  }

  // MARK: For the lowering of single operators

  mutating func append(_ operation: LoweredOperator) {
    operators.append(operation)
  }

  /// The buffer of a computed tensor; ``check(_:)`` has seen that it has one.
  func operand(_ tensor: TFLiteTensor) -> LoweredOperator.Operand {
    if let data = tensor.data { return .constant([UInt8](data)) }
    guard let number = bufferOfTensor[tensor.index] else {
      preconditionFailure("tensor \(tensor.index) was not checked")
    }
    return .buffer(number)
  }

  /// Gives a tensor that an operator computes its own buffer.
  mutating func define(_ tensor: Int) -> Int {
    let number = addBuffer(
      name: model.tensors[tensor].name, byteCount: model.tensors[tensor].byteCount ?? 0)
    bufferOfTensor[tensor] = number
    return number
  }

  /// Gives a tensor the buffer of another.
  mutating func alias(_ tensor: TFLiteTensor, to other: TFLiteTensor) {
    bufferOfTensor[tensor.index] = bufferOfTensor[other.index]
  }

  func isRead(_ tensor: TFLiteTensor) -> Bool { readers[tensor.index] != nil }

  // MARK: Checks

  private func checkTensors() throws(CompileError) {
    guard !model.outputs.isEmpty else { throw .invalidModel(reason: "it has no output") }
    guard model.operators.count <= Self.operatorLimit else {
      throw .invalidModel(
        reason: "it has \(model.operators.count) operators, more than \(Self.operatorLimit)")
    }
    guard model.inputs.count <= 64, model.outputs.count <= 64 else {
      throw .invalidModel(reason: "it has more than 64 inputs or outputs")
    }
    for index in model.inputs + model.outputs {
      guard model.tensors.indices.contains(index) else {
        throw .invalidModel(reason: "tensor \(index) does not exist")
      }
      let tensor = model.tensors[index]
      switch tensor.type {
      case .int8, .uint8, .float32: break
      default:
        throw .invalidModel(
          reason: "its input or output \(tensor.label) has the unsupported type \(tensor.type)")
      }
      guard tensor.type == .float32 || Self.isQuantised(tensor) else {
        throw .invalidModel(reason: "its input or output \(tensor.label) has no valid quantisation")
      }
      try check(shapeOf: tensor)
    }
  }

  private static func isQuantised(_ tensor: TFLiteTensor) -> Bool {
    guard let parameters = tensor.quantisation, parameters.scales.count == 1,
      parameters.zeroPoints.count == 1, parameters.scales[0] > 0, parameters.scales[0].isFinite
    else { return false }
    return (tensor.type == .uint8 ? 0...255 : -128...127).contains(parameters.zeroPoints[0])
  }

  private func check(shapeOf tensor: TFLiteTensor) throws(CompileError) {
    guard tensor.shape.count <= PlanFormat.maximumRank else {
      throw .invalidModel(
        reason: "\(tensor.label) has \(tensor.shape.count) dimensions, more than "
          + "\(PlanFormat.maximumRank)")
    }
    var elements = 1
    for extent in tensor.shape {
      guard extent > 0 else { throw .invalidModel(reason: "\(tensor.label) is empty") }
      let (product, overflow) = elements.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= PlanFormat.sizeLimit / 8 else {
        throw .invalidModel(reason: "\(tensor.label) is too large")
      }
      elements = product
    }
    if let data = tensor.data, data.count != tensor.type.byteCount(elements: elements) {
      throw .invalidModel(reason: "\(tensor.label) has \(data.count) bytes for \(tensor.shape)")
    }
  }

  /// Checks what all operators have in common: a known code and version, inputs that have been
  /// computed, outputs that have not.
  private func check(_ operation: TFLiteOperator) throws(CompileError) {
    guard let newest = Self.newestVersions[operation.code] else {
      throw .unsupportedOperator(index: operation.index, name: operation.name)
    }
    guard operation.version >= 1, operation.version <= newest else {
      throw .unsupportedVersion(
        index: operation.index, name: operation.name, version: operation.version, newest: newest)
    }
    let view = OperatorView(operation: operation, model: model)
    for index in operation.inputs where index != -1 {
      guard model.tensors.indices.contains(index) else {
        throw view.invalid("tensor \(index) does not exist")
      }
      let tensor = model.tensors[index]
      guard tensor.isConstant || bufferOfTensor[index] != nil else {
        throw view.invalid("\(tensor.label) is read before it is computed")
      }
      try check(shapeOf: tensor)
    }
    for index in operation.outputs {
      guard model.tensors.indices.contains(index) else {
        throw view.invalid("tensor \(index) does not exist")
      }
      let tensor = model.tensors[index]
      guard !tensor.isConstant, bufferOfTensor[index] == nil else {
        throw view.invalid("\(tensor.label) is written, but has its value already")
      }
      guard !tensor.isVariable else {
        throw view.invalid("\(tensor.label) keeps its value between runs, which is not supported")
      }
      try check(shapeOf: tensor)
    }
    guard Set(operation.outputs).count == operation.outputs.count else {
      throw view.invalid("it writes one tensor twice")
    }
  }

  /// More would not fit the chip's flash, and would take long to plan.
  private static let operatorLimit = 4096

  /// The operators that can be lowered and the newest version of each that the schema has.
  private static let newestVersions: [BuiltinOperatorCode: Int] = [
    .add: 5, .averagePool2D: 3, .concatenation: 5, .conv2D: 8, .depthwiseConv2D: 7,
    .dequantize: 6, .fullyConnected: 14, .logistic: 3, .maxPool2D: 3, .mean: 3, .mul: 7,
    .pad: 4, .padV2: 4, .quantize: 4, .reshape: 1, .resizeNearestNeighbor: 4, .softmax: 3,
    .split: 4, .splitV: 2, .stridedSlice: 8, .transpose: 7,
  ]

  private mutating func lower(_ operation: TFLiteOperator) throws(CompileError) {
    try check(operation)
    let view = OperatorView(operation: operation, model: model)
    switch operation.code {
    case .conv2D: try lowerConvolution(view)
    case .depthwiseConv2D: try lowerDepthwiseConvolution(view)
    case .fullyConnected: try lowerFullyConnected(view)
    case .add: try lowerAdd(view)
    case .mul: try lowerMul(view)
    case .averagePool2D: try lowerPool(view, .averagePool2D)
    case .maxPool2D: try lowerPool(view, .maxPool2D)
    case .mean: try lowerMean(view)
    case .pad, .padV2: try lowerPad(view)
    case .reshape: try lowerReshape(view)
    case .transpose: try lowerTranspose(view)
    case .softmax: try lowerSoftmax(view)
    case .logistic: try lowerLogistic(view)
    case .stridedSlice: try lowerStridedSlice(view)
    case .split: try lowerSplit(view, valueAt: 1, axisAt: 0)
    case .splitV: try lowerSplit(view, valueAt: 0, axisAt: 2)
    case .concatenation: try lowerConcatenation(view)
    case .quantize: try lowerQuantize(view)
    case .dequantize: try lowerDequantize(view)
    case .resizeNearestNeighbor: try lowerResize(view)
    default: throw .unsupportedOperator(index: operation.index, name: operation.name)
    }
  }
}

extension TFLiteTensor {
  /// How errors call it.
  var label: String { name.isEmpty ? "tensor \(index)" : "tensor \(index) '\(name)'" }
}
