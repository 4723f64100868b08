extension TFLiteParser {
  mutating func tensors(
    of subgraph: FlatBufferTable, buffers: [Range<Int>?]
  ) throws(TFLiteError) -> [TFLiteTensor] {
    var tensors: [TFLiteTensor] = []
    for (index, position) in try file.tablePositions(0, of: subgraph).enumerated() {
      let table = try file.table(at: position, place: .tensor(index))
      tensors.append(try tensor(table, index: index, buffers: buffers))
    }
    return tensors
  }

  /// Names end up on terminals, where a control character could do anything.
  private static func shown(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }

  private mutating func tensor(
    _ table: FlatBufferTable, index: Int, buffers: [Range<Int>?]
  ) throws(TFLiteError) -> TFLiteTensor {
    let place = table.place
    let name = Self.shown(try file.string(3, of: table))
    let shape = try shape(of: table)
    let typeCode = try file.scalar(1, of: table, default: Int8(0))
    guard let type = TFLiteTensorType(rawValue: typeCode) else {
      throw .malformed(place: place, reason: "unknown element type \(typeCode)")
    }
    guard try file.table(6, of: table) == nil else {
      throw .malformed(place: place, reason: "sparse tensors are not supported")
    }
    let bufferIndex = Int(try file.scalar(2, of: table, default: UInt32(0)))
    guard bufferIndex < buffers.count else {
      throw .malformed(
        place: place, reason: "it refers to buffer \(bufferIndex) of \(buffers.count)")
    }
    let data = buffers[bufferIndex].map { file.bytes[$0] }
    if let data, let needed = type.byteCount(elements: shape.reduce(1, *)), data.count != needed {
      throw .malformed(
        place: place, reason: "its shape needs \(needed) bytes, its buffer has \(data.count)")
    }
    return TFLiteTensor(
      index: index, name: name, shape: shape, type: type, data: data,
      quantisation: try quantisation(of: table),
      isVariable: try file.scalar(5, of: table, default: UInt8(0)) != 0)
  }

  /// The extents; their product is kept below 2^31, as the schema's own int32 indices need.
  private mutating func shape(of table: FlatBufferTable) throws(TFLiteError) -> [Int] {
    let extents = try file.integers(Int32.self, 0, of: table).map(Int.init)
    guard extents.allSatisfy({ $0 >= 0 }) else {
      throw .malformed(place: table.place, reason: "its shape has a negative extent")
    }
    // A zero extent must not hide a product of the others that overflows when it is formed.
    var product = 1
    for extent in extents {
      product *= max(extent, 1)
      guard product <= Int(Int32.max) else {
        throw .malformed(place: table.place, reason: "its shape has too many elements")
      }
    }
    return extents
  }

  private mutating func quantisation(
    of tensor: FlatBufferTable
  ) throws(TFLiteError) -> TFLiteQuantisation? {
    let place = tensor.place
    guard let table = try file.table(4, of: tensor) else { return nil }
    let scales = try file.integers(UInt32.self, 2, of: table).map(Float.init(bitPattern:))
    guard !scales.isEmpty else { return nil }
    let zeroPoints = try file.integers(Int64.self, 3, of: table)
    let dimension = Int(try file.scalar(6, of: table, default: Int32(0)))
    guard scales.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
      throw .malformed(place: place, reason: "a scale is negative or not finite")
    }
    guard zeroPoints.count == scales.count else {
      throw .malformed(
        place: place, reason: "it has \(scales.count) scales, \(zeroPoints.count) zero points")
    }
    guard zeroPoints.allSatisfy({ Int32(exactly: $0) != nil }) else {
      throw .malformed(place: place, reason: "a zero point does not fit in 32 bits")
    }
    return TFLiteQuantisation(
      scales: scales, zeroPoints: zeroPoints.map(Int.init),
      dimension: scales.count > 1 ? dimension : 0)
  }
}
