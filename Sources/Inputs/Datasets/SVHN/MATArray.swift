/// A numeric array out of a MATLAB file, its numbers as they are stored.
struct MATArray: Equatable, Sendable {
  /// Two or more, the fastest running first (column-major).
  var dimensions: [Int]
  /// How the numbers are stored, which may be smaller than the array's class.
  var storage: MATElement.Kind
  /// Little-endian numbers.
  var bytes: [UInt8]

  /// The number at a position in storage order, if it is a whole one.
  func integer(at position: Int) -> Int? {
    guard let size = storage.size, position >= 0, position < bytes.count / size else { return nil }
    let bits = (0..<size).reduce(UInt64(0)) {
      $0 | UInt64(bytes[position * size + $1]) << UInt64(8 * $1)
    }
    return switch storage {
    case .int8: Int(Int8(truncatingIfNeeded: bits))
    case .int16: Int(Int16(truncatingIfNeeded: bits))
    case .int32: Int(Int32(truncatingIfNeeded: bits))
    case .int64: Int(exactly: Int64(bitPattern: bits))
    case .uint8, .uint16, .uint32, .uint64: Int(exactly: bits)
    case .single: Int(exactly: Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .double: Int(exactly: Double(bitPattern: bits))
    case .matrix, .compressed: nil
    }
  }
}
