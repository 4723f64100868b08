/// An input or an output of a network.
public struct TensorDescription: Equatable, Sendable {
  public var name: String
  /// The axes' sizes, the batch first; -1 where the graph leaves a size open.
  public var shape: [Int]
  public var element: TensorElement

  public init(name: String, shape: [Int], element: TensorElement) {
    self.name = name
    self.shape = shape
    self.element = element
  }

  /// How many elements one item of a batch has: the product of all axes but the first.
  ///
  /// Nil where the graph leaves one of them open, where there is no batch axis, or where the
  /// product overflows.
  public var elementsPerItem: Int? {
    guard !shape.isEmpty else { return nil }
    var product = 1
    for size in shape.dropFirst() {
      guard size >= 0 else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      guard !overflow else { return nil }
      product = next
    }
    return product
  }

  /// Whether the tensor takes a batch of `count` items in one run.
  public func accepts(batch count: Int) -> Bool {
    guard let first = shape.first else { return false }
    return first == -1 || first == count
  }
}

extension TensorDescription: CustomStringConvertible {
  public var description: String {
    let sizes = shape.map { $0 == -1 ? "N" : String($0) }.joined(separator: ",")
    return "\(name) \(element) [\(sizes)]"
  }
}

/// A tensor's element type. Only float32 is exchanged with a network; others are named in errors.
public enum TensorElement: Equatable, Sendable, CustomStringConvertible {
  case float32
  /// Another type of ONNX's enumeration `TensorProto.DataType`.
  case other(Int)
  /// A sequence, a map or an optional.
  case notATensor

  /// The codes are those of ONNX's `TensorProto.DataType`.
  init(onnxCode code: Int) {
    self = code == 1 ? .float32 : .other(code)
  }

  public var description: String {
    switch self {
    case .float32: "float32"
    case .notATensor: "(no tensor)"
    case .other(let code):
      switch code {
      case 2: "uint8"
      case 3: "int8"
      case 4: "uint16"
      case 5: "int16"
      case 6: "int32"
      case 7: "int64"
      case 8: "string"
      case 9: "bool"
      case 10: "float16"
      case 11: "float64"
      case 12: "uint32"
      case 13: "uint64"
      case 16: "bfloat16"
      default: "element type \(code)"
      }
    }
  }
}
