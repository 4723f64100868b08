/// Writes the fields of protocol buffers messages.
enum Protobuf {
  static func varint(_ field: UInt64, _ value: UInt64) -> [UInt8] {
    bytes(field << 3) + bytes(value)
  }

  static func message(_ field: UInt64, _ content: [UInt8]) -> [UInt8] {
    bytes(field << 3 | 2) + bytes(UInt64(content.count)) + content
  }

  static func bytes(_ varint: UInt64) -> [UInt8] {
    var rest = varint
    var result: [UInt8] = []
    while rest >= 0x80 {
      result.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }
}
