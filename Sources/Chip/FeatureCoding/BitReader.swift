/// Reads codes out of a buffer, the least significant bit first, and never past its end.
struct BitReader {
  private let input: UnsafeRawBufferPointer
  private var byteCount = 0
  private var held: UInt32 = 0
  private var heldBits = 0

  init(_ input: UnsafeRawBufferPointer) {
    self.input = input
  }

  /// The next `bits` bits, 16 at most, or nil if there are not so many.
  @inline(__always)
  mutating func read(bits: Int) -> UInt32? {
    while heldBits < bits {
      guard byteCount < input.count else { return nil }
      held |= UInt32(input[byteCount]) << UInt32(heldBits)
      byteCount += 1
      heldBits += 8
    }
    let code = held & ((1 << UInt32(bits)) - 1)
    held >>= UInt32(bits)
    heldBits -= bits
    return code
  }

  /// Checks that nothing but zero bits of the last byte is left.
  func checkEnd() throws(CodingError) {
    guard byteCount == input.count else { throw .trailingBytes(count: input.count - byteCount) }
    guard held == 0 else { throw .nonZeroPadding }
  }
}
