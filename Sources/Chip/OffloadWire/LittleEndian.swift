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
  @inline(__always)
  func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
  }

  /// In two halves: the whole word's generic store drags arrays into a 32-bit chip's program.
  func store(_ value: UInt64, at offset: Int) {
    store(UInt32(truncatingIfNeeded: value), at: offset)
    store(UInt32(truncatingIfNeeded: value >> 32), at: offset + 4)
  }

  /// Copies `bytes`, which may overlap their place, to `offset`.
  func store(bytes: UnsafeRawBufferPointer, at offset: Int) {
    guard !bytes.isEmpty else { return }
    UnsafeMutableRawBufferPointer(rebasing: self[offset..<offset + bytes.count])
      .copyMemory(from: bytes)
  }
}
