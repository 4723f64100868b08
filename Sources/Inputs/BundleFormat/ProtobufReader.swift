/// Walks the fields of one protocol buffers message, within the bytes it was given.
///
/// Fields that are not asked for are skipped by their length, without looking inside.
struct ProtobufReader {
  struct Field {
    let number: UInt64
    let value: Value
  }

  enum Value {
    case varint(UInt64)
    case bytes(UnsafeRawBufferPointer)
    /// Four or eight bytes that nobody here asks for.
    case fixed
  }

  /// The bytes are not a message.
  struct Malformed: Error {}

  private var rest: UnsafeRawBufferPointer

  init(_ message: UnsafeRawBufferPointer) {
    rest = message
  }

  /// The next field, or nil at the message's end.
  mutating func next() throws(Malformed) -> Field? {
    guard !rest.isEmpty else { return nil }
    let tag = try varint()
    let number = tag >> 3
    guard number != 0 else { throw Malformed() }
    switch tag & 7 {
    case 0: return Field(number: number, value: .varint(try varint()))
    case 1:
      _ = try take(8)
      return Field(number: number, value: .fixed)
    case 2: return Field(number: number, value: .bytes(try take(try varint())))
    case 5:
      _ = try take(4)
      return Field(number: number, value: .fixed)
    default: throw Malformed()  // groups: no ONNX file has them
    }
  }

  private mutating func varint() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard let byte = rest.first else { throw Malformed() }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte & 0x80 == 0 { return value }
    }
    throw Malformed()
  }

  private mutating func take(_ count: UInt64) throws(Malformed) -> UnsafeRawBufferPointer {
    guard count <= UInt64(rest.count) else { throw Malformed() }
    let taken = UnsafeRawBufferPointer(rebasing: rest.prefix(Int(count)))
    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Int(count)))
    return taken
  }
}
