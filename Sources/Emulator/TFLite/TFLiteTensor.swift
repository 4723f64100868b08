/// One tensor of the subgraph.
public struct TFLiteTensor: Equatable, Sendable {
  /// Position in the subgraph.
  public let index: Int
  public let name: String
  /// Extents, none negative; empty for a scalar. Their product is below 2^31.
  public let shape: [Int]
  public let type: TFLiteTensorType
  /// The constant's bytes, little-endian, exactly as many as `byteCount`; nil for a tensor that is
  /// computed. A view of the file: no copy is made.
  public let data: ArraySlice<UInt8>?
  /// Nil where the tensor has no scale.
  public let quantisation: TFLiteQuantisation?
  /// Whether the tensor keeps its value from one run to the next.
  public let isVariable: Bool

  public init(
    index: Int, name: String, shape: [Int], type: TFLiteTensorType, data: ArraySlice<UInt8>?,
    quantisation: TFLiteQuantisation?, isVariable: Bool
  ) {
    self.index = index
    self.name = name
    self.shape = shape
    self.type = type
    self.data = data
    self.quantisation = quantisation
    self.isVariable = isVariable
  }

  /// The product of the extents.
  public var elementCount: Int { shape.reduce(1, *) }

  /// Bytes that the elements take; nil for types without a fixed size.
  public var byteCount: Int? { type.byteCount(elements: elementCount) }

  public var isConstant: Bool { data != nil }

  /// A constant's int32 elements; nil for another type, or where the tensor is computed.
  public var int32Values: [Int32]? {
    guard type == .int32 else { return nil }
    return integers(Int32.self)
  }

  /// A constant's int64 elements; nil for another type, or where the tensor is computed.
  public var int64Values: [Int64]? {
    guard type == .int64 else { return nil }
    return integers(Int64.self)
  }

  /// A constant's int8 elements; nil for another type, or where the tensor is computed.
  public var int8Values: [Int8]? {
    guard type == .int8 else { return nil }
    return integers(Int8.self)
  }

  private func integers<T: FixedWidthInteger>(_ type: T.Type) -> [T]? {
    data?.withUnsafeBytes { bytes in
      stride(from: 0, through: bytes.count - T.bitWidth / 8, by: T.bitWidth / 8).map { offset in
        T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
      }
    }
  }
}

/// How integers stand for reals: real = scale · (integer - zeroPoint).
public struct TFLiteQuantisation: Equatable, Sendable {
  /// One scale, or one for each index along `dimension`. Finite and not negative; zero occurs, for
  /// channels that are all zero.
  public let scales: [Float]
  /// As many as there are scales; each fits in 32 bits.
  public let zeroPoints: [Int]
  /// The dimension along which the scales run, as the file has it; 0 where there is one scale for
  /// the whole tensor. Converters have written biases of rank 1 whose scales run along dimension 3,
  /// as their filters' do: whoever depends on it has to hold it against the shape.
  public let dimension: Int

  public init(scales: [Float], zeroPoints: [Int], dimension: Int = 0) {
    self.scales = scales
    self.zeroPoints = zeroPoints
    self.dimension = dimension
  }

  /// Whether each index along `dimension` has its own scale.
  public var isPerChannel: Bool { scales.count > 1 }
}

/// The element types of the TensorFlow Lite schema.
public enum TFLiteTensorType: Int8, Sendable, CaseIterable {
  case float32, float16, int32, uint8, int64, string, bool, int16, complex64, int8
  case float64, complex128, uint64, resource, variant, uint32, uint16, int4, bfloat16

  /// Bytes that `elements` of this type take; nil for types without a fixed size.
  public func byteCount(elements: Int) -> Int? {
    switch self {
    case .uint8, .bool, .int8: elements
    case .float16, .int16, .uint16, .bfloat16: 2 * elements
    case .float32, .int32, .uint32: 4 * elements
    case .int64, .complex64, .float64, .uint64: 8 * elements
    case .complex128: 16 * elements
    case .int4: (elements + 1) / 2
    case .string, .resource, .variant: nil
    }
  }
}

extension TFLiteTensorType: CustomStringConvertible {
  public var description: String {
    switch self {
    case .float32: "float32"
    case .float16: "float16"
    case .int32: "int32"
    case .uint8: "uint8"
    case .int64: "int64"
    case .string: "string"
    case .bool: "bool"
    case .int16: "int16"
    case .complex64: "complex64"
    case .int8: "int8"
    case .float64: "float64"
    case .complex128: "complex128"
    case .uint64: "uint64"
    case .resource: "resource"
    case .variant: "variant"
    case .uint32: "uint32"
    case .uint16: "uint16"
    case .int4: "int4"
    case .bfloat16: "bfloat16"
    }
  }
}
