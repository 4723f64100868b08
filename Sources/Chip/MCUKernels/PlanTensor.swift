/// An input or output of a plan: where it lies in the arena and what its bytes mean.
public struct PlanTensor: Sendable {
  /// The type of a tensor's elements; the raw values are those of the plan image.
  public enum ElementType: UInt8, Equatable, Sendable {
    case int8 = 1
    case uint8 = 2
    case float32 = 3

    /// Bytes of one element.
    public var size: Int { self == .float32 ? 4 : 1 }
  }

  /// What a tensor is to the device program; the raw values are those of the plan image.
  public enum Role: UInt8, Equatable, Sendable {
    case none = 0
    /// Input: the camera's uint8 RGB image, height by width by 3.
    case camera = 1
  }

  /// Bytes from the arena's start, a multiple of 16.
  public let offset: Int
  public let byteCount: Int
  /// real = scale · (integer - zeroPoint); 1 and 0 for float32.
  public let scale: Float
  public let zeroPoint: Int32
  public let elementType: ElementType
  public let role: Role
  /// From 0 to 6.
  public let rank: Int
  private let dimensions: (Int32, Int32, Int32, Int32, Int32, Int32)

  /// The extent of dimension `index`, 1 for an index that the tensor does not have.
  public func dimension(_ index: Int) -> Int {
    guard index >= 0, index < rank else { return 1 }
    switch index {
    case 0: return Int(dimensions.0)
    case 1: return Int(dimensions.1)
    case 2: return Int(dimensions.2)
    case 3: return Int(dimensions.3)
    case 4: return Int(dimensions.4)
    default: return Int(dimensions.5)
    }
  }

  /// Reads a record, or nil where it is out of range or its bytes leave an arena of `arenaSize`.
  init?(record: UnsafeRawPointer, arenaSize: Int) {
    func word(_ offset: Int) -> UInt32 {
      UInt32(littleEndian: record.load(fromByteOffset: offset, as: UInt32.self))
    }
    func byte(_ offset: Int) -> UInt8 { record.load(fromByteOffset: offset, as: UInt8.self) }

    guard let type = ElementType(rawValue: byte(PlanFormat.Tensor.elementType)),
      let role = Role(rawValue: byte(PlanFormat.Tensor.role)),
      let offset = Int(exactly: word(PlanFormat.Tensor.offset)),
      let byteCount = Int(exactly: word(PlanFormat.Tensor.byteCount)),
      offset <= arenaSize, byteCount <= arenaSize - offset,
      offset % PlanFormat.alignment == 0
    else { return nil }
    let rank = Int(byte(PlanFormat.Tensor.rank))
    guard rank <= PlanFormat.maximumRank else { return nil }
    var elements = 1
    for index in 0..<rank {
      let extent = word(PlanFormat.Tensor.dimensions + 4 * index)
      guard extent > 0, extent <= UInt32(PlanFormat.sizeLimit) else { return nil }
      let product = Int64(elements) * Int64(extent)
      guard product <= Int64(PlanFormat.sizeLimit) else { return nil }
      elements = Int(product)
    }
    guard byteCount == elements * type.size else { return nil }
    self.offset = offset
    self.byteCount = byteCount
    self.scale = Float(bitPattern: word(PlanFormat.Tensor.scale))
    self.zeroPoint = Int32(bitPattern: word(PlanFormat.Tensor.zeroPoint))
    self.elementType = type
    self.role = role
    self.rank = rank
    func extent(_ index: Int) -> Int32 {
      index < rank ? Int32(bitPattern: word(PlanFormat.Tensor.dimensions + 4 * index)) : 1
    }
    dimensions = (extent(0), extent(1), extent(2), extent(3), extent(4), extent(5))
  }
}
