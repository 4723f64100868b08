/// Reads codes out of bytes that come in pieces, the least significant bit first, and never past
/// what came.
struct BitReader {
  private var input = UnsafeRawBufferPointer(start: nil, count: 0)
  private var byteCount = 0
  private var held: UInt32 = 0
  private var heldBits = 0

  init() {}

  init(_ input: UnsafeRawBufferPointer) {
    self.input = input
  }

  /// Goes on with the next piece; the one before must have been read up.
  mutating func feed(_ piece: UnsafeRawBufferPointer) {
    input = piece
    byteCount = 0
  }

  /// Forgets the piece, of which what could be read is held, and returns how many bytes were left.
  mutating func release() -> Int {
    let left = input.count - byteCount
    feed(UnsafeRawBufferPointer(start: nil, count: 0))
    return left
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

  /// Checks that nothing but zero bits of the last byte is left, beside bytes left over before.
  func checkEnd(leftBefore: Int) throws(CodingError) {
    let left = input.count - byteCount + leftBefore
    guard left == 0 else { throw .trailingBytes(count: left) }
    guard heldBits < 8, held == 0 else { throw .nonZeroPadding }
  }
}
