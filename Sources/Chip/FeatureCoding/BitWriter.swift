/// Writes codes into a buffer, the least significant bit first.
struct BitWriter {
  private let output: UnsafeMutableRawBufferPointer
  /// Whole bytes in the buffer.
  private(set) var byteCount = 0
  /// Bytes that were taken out of it.
  private(set) var taken = 0
  private var held: UInt32 = 0
  private var heldBits = 0

  init(_ output: UnsafeMutableRawBufferPointer) {
    self.output = output
  }

  /// Appends the low `bits` bits of `code`, 16 at most; the others must be zero.
  @inline(__always)
  mutating func write(_ code: UInt32, bits: Int) throws(CodingError) {
    held |= code << UInt32(heldBits)
    heldBits += bits
    while heldBits >= 8 { try flushByte() }
  }

  /// Bytes in all if `bits` bits more were written and the last byte filled.
  func size(with bits: Int) -> Int {
    taken + byteCount + (heldBits + bits + 7) / 8
  }

  /// Forgets the first bytes and moves the others to the beginning.
  mutating func take(_ bytes: Int) {
    precondition(bytes >= 0 && bytes <= byteCount)
    for index in bytes..<byteCount { output[index - bytes] = output[index] }
    byteCount -= bytes
    taken += bytes
  }

  /// Fills the last byte with zeros and returns the bytes in the buffer.
  mutating func finish() throws(CodingError) -> Int {
    if heldBits > 0 { try flushByte() }
    return byteCount
  }

  @inline(__always)
  private mutating func flushByte() throws(CodingError) {
    guard byteCount < output.count else { throw .outputTooSmall(capacity: output.count) }
    output[byteCount] = UInt8(truncatingIfNeeded: held)
    byteCount += 1
    held >>= 8
    heldBits = max(0, heldBits - 8)
  }
}
