// Integers at byte offsets, least significant byte first. Offsets are the frames' own, into buffers
// whose length they have checked.

extension UnsafeRawBufferPointer {
  @inline(__always)
  func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, as type: Value.Type
  ) -> Value {
    Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
  }

  /// The bytes from `offset` on, `count` of them.
  func view(at offset: Int, count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[offset..<offset + count])
  }

  /// Checks that a body is as long as its fields say.
  func checkLength(_ expected: Int) throws(WireError) {
    guard count >= expected else { throw .truncated(expected: expected, found: count) }
    guard count == expected else { throw .trailingBytes(count: count - expected) }
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Not by `storeBytes`, which drags arrays into a 32-bit chip's program.
  @inline(__always)
  func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
    withUnsafeBytes(of: value.littleEndian) { store(bytes: $0, at: offset) }
  }

  /// Copies `bytes`, which may overlap their place, to `offset`.
  @inline(__always)
  func store(bytes: UnsafeRawBufferPointer, at offset: Int) {
    guard !bytes.isEmpty else { return }
    UnsafeMutableRawBufferPointer(rebasing: self[offset..<offset + bytes.count])
      .copyMemory(from: bytes)
  }
}
