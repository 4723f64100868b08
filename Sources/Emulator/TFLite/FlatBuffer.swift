/// The bytes of a FlatBuffers file, read without trusting any of them.
///
/// Every offset is checked against the file's length before it is followed; nothing is assumed
/// about alignment; nothing recurses. All offsets are held as `Int`, where neither the sum of a
/// position and a 32-bit offset nor the product of a 32-bit count and an element size overflows.
/// Format: https://flatbuffers.dev/internals.
struct FlatBuffer {
  let bytes: [UInt8]

  /// Elements that may still be copied out of the file. Tables can share a vector, so a small file
  /// could otherwise ask for a copy of one long vector in each of very many tables.
  private var allowance: Int

  init(bytes: [UInt8]) {
    self.bytes = bytes
    allowance = 8 * bytes.count + (1 << 16)
  }

  /// The little-endian integer at `position`, sign-extended for signed types.
  func integer<T: FixedWidthInteger>(
    _ type: T.Type, at position: Int, place: TFLitePlace
  ) throws(TFLiteError) -> T {
    let width = T.bitWidth / 8
    guard position >= 0, position <= bytes.count - width else {
      throw .malformed(place: place, reason: "an offset leaves the file")
    }
    return bytes.withUnsafeBytes { bytes in
      T(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: T.self))
    }
  }

  /// The root table, whose offset is the file's first word.
  func rootTable() throws(TFLiteError) -> FlatBufferTable {
    let position = try integer(UInt32.self, at: 0, place: .model)
    return try table(at: Int(position), place: .model)
  }

  /// The table at `position`, once its vtable is known to lie inside the file.
  func table(at position: Int, place: TFLitePlace) throws(TFLiteError) -> FlatBufferTable {
    let distance = try integer(Int32.self, at: position, place: place)
    let vtable = position - Int(distance)
    let size = Int(try integer(UInt16.self, at: vtable, place: place))
    guard size >= 4, vtable <= bytes.count - size else {
      throw .malformed(place: place, reason: "a vtable leaves the file")
    }
    return FlatBufferTable(position: position, vtable: vtable, vtableSize: size, place: place)
  }

  /// The vector that `field` of `table` refers to, or nil where the field is absent.
  func vector(
    _ field: Int, of table: FlatBufferTable, elementSize: Int
  ) throws(TFLiteError) -> FlatBufferVector? {
    guard let position = try target(of: field, in: table) else { return nil }
    let count = Int(try integer(UInt32.self, at: position, place: table.place))
    guard count * elementSize <= bytes.count - position - 4 else {
      throw .malformed(place: table.place, reason: "a vector of \(count) elements leaves the file")
    }
    return FlatBufferVector(start: position + 4, count: count)
  }

  /// A copy of a vector of integers; empty where the field is absent.
  mutating func integers<T: FixedWidthInteger>(
    _ type: T.Type, _ field: Int, of table: FlatBufferTable
  ) throws(TFLiteError) -> [T] {
    let width = T.bitWidth / 8
    guard let vector = try vector(field, of: table, elementSize: width) else { return [] }
    try spend(vector.count * width, place: table.place)
    var values: [T] = []
    values.reserveCapacity(vector.count)
    for index in 0..<vector.count {
      values.append(try integer(T.self, at: vector.start + index * width, place: table.place))
    }
    return values
  }

  /// A copy of a string, ill-formed UTF-8 repaired; empty where the field is absent.
  mutating func string(_ field: Int, of table: FlatBufferTable) throws(TFLiteError) -> String {
    guard let vector = try vector(field, of: table, elementSize: 1) else { return "" }
    try spend(vector.count, place: table.place)
    return String(decoding: bytes[vector.start..<(vector.start + vector.count)], as: UTF8.self)
  }

  /// Copies of the table's positions in a vector of tables; empty where the field is absent.
  mutating func tablePositions(
    _ field: Int, of table: FlatBufferTable
  ) throws(TFLiteError) -> [Int] {
    guard let vector = try vector(field, of: table, elementSize: 4) else { return [] }
    try spend(vector.count * 4, place: table.place)
    var positions: [Int] = []
    positions.reserveCapacity(vector.count)
    for index in 0..<vector.count {
      let slot = vector.start + index * 4
      positions.append(slot + Int(try integer(UInt32.self, at: slot, place: table.place)))
    }
    return positions
  }

  /// The table that `field` of `table` refers to, or nil where the field is absent.
  func table(
    _ field: Int, of table: FlatBufferTable
  ) throws(TFLiteError) -> FlatBufferTable? {
    guard let position = try target(of: field, in: table) else { return nil }
    return try self.table(at: position, place: table.place)
  }

  /// An inline number of a table; `fallback`, the schema's default, where the field is absent.
  func scalar<T: FixedWidthInteger>(
    _ field: Int, of table: FlatBufferTable, default fallback: T
  ) throws(TFLiteError) -> T {
    guard let position = try self.position(of: field, in: table) else { return fallback }
    return try integer(T.self, at: position, place: table.place)
  }

  /// Where `field` of `table` lies, or nil where the field is absent.
  private func position(
    of field: Int, in table: FlatBufferTable
  ) throws(TFLiteError) -> Int? {
    let entry = 4 + 2 * field
    guard entry + 2 <= table.vtableSize else { return nil }
    let offset = try integer(UInt16.self, at: table.vtable + entry, place: table.place)
    return offset == 0 ? nil : table.position + Int(offset)
  }

  /// What the offset in `field` of `table` points to, or nil where the field is absent.
  private func target(of field: Int, in table: FlatBufferTable) throws(TFLiteError) -> Int? {
    guard let position = try position(of: field, in: table) else { return nil }
    return position + Int(try integer(UInt32.self, at: position, place: table.place))
  }

  private mutating func spend(_ byteCount: Int, place: TFLitePlace) throws(TFLiteError) {
    allowance -= byteCount
    guard allowance >= 0 else {
      throw .malformed(place: place, reason: "the same bytes are referred to too many times")
    }
  }
}

/// A table whose vtable lies inside the file. Its fields are read through `FlatBuffer`.
struct FlatBufferTable {
  let position: Int
  let vtable: Int
  let vtableSize: Int
  /// What errors about this table's contents name.
  var place: TFLitePlace
}

/// A vector that lies inside the file.
struct FlatBufferVector {
  let start: Int
  let count: Int
}
