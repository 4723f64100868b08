/// Reads little-endian words and runs of bytes, never past the end.
struct WordReader {
  private let contents: [UInt8]
  private var position = 0

  init(_ contents: [UInt8]) {
    self.contents = contents
  }

  var isAtEnd: Bool { position == contents.count }

  func peek() -> UInt32? {
    guard contents.count - position >= 4 else { return nil }
    return contents[position..<(position + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func word() throws(BenchError) -> UInt32 {
    guard let word = peek() else { throw .malformedResults("truncated") }
    position += 4
    return word
  }

  mutating func bytes(_ count: Int) throws(BenchError) -> [UInt8] {
    guard count <= contents.count - position else { throw .malformedResults("truncated") }
    defer { position += count }
    return Array(contents[position..<(position + count)])
  }

  /// Bytes that are filled up to a whole word.
  mutating func padded(_ count: Int) throws(BenchError) -> [UInt8] {
    let bytes = try bytes(count)
    _ = try self.bytes((4 - count % 4) % 4)
    return bytes
  }
}
