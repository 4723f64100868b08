/// Writes Huffman codes, the most significant bit first, and a zero behind each byte of ones, so that no
/// marker stands in a scan (ITU-T T.81, F.1.2.3).
struct ScanWriter {
  private let output: UnsafeMutableRawBufferPointer
  /// Whole bytes in the buffer.
  private(set) var byteCount = 0
  /// Bytes that were taken out of it.
  private(set) var taken = 0
  /// Bits that are no whole byte yet, in the low end.
  private var held: UInt32 = 0
  private var heldBits: UInt32 = 0

  init(_ output: UnsafeMutableRawBufferPointer) {
    self.output = output
  }

  /// Bytes that more bits may take at most.
  static func worstCase(bits: Int) -> Int { 2 * ((bits + 7) / 8) }

  var capacity: Int { output.count }

  /// Whether so many bits more are sure to fit, with the end behind them.
  func hasRoom(forBits bits: Int) -> Bool {
    Self.worstCase(bits: bits + 15) <= output.count - byteCount
  }

  /// Appends the low `bits` bits of `code`, 16 at most; the others must be zero. There must be room.
  @inline(__always)
  mutating func write(_ code: UInt32, bits: UInt32) {
    held = held << bits | code
    heldBits &+= bits
    while heldBits >= 8 {
      heldBits &-= 8
      let byte = UInt8(truncatingIfNeeded: held >> heldBits)
      output[byteCount] = byte
      byteCount &+= 1
      if byte == 0xFF {
        output[byteCount] = 0
        byteCount &+= 1
      }
    }
  }

  /// Bytes in all once the last one is filled.
  var finishedSize: Int {
    guard heldBits > 0 else { return taken + byteCount }
    let isStuffed = lastByte == 0xFF
    return taken + byteCount + (isStuffed ? 2 : 1)
  }

  /// Forgets the first bytes and moves the others to the beginning.
  mutating func take(_ bytes: Int) {
    precondition(bytes >= 0 && bytes <= byteCount)
    for index in bytes..<byteCount { output[index - bytes] = output[index] }
    byteCount -= bytes
    taken += bytes
  }

  /// Fills the last byte with ones and returns the bytes in the buffer.
  mutating func finish() -> Int {
    if heldBits > 0 { write(1 << (8 - heldBits) - 1, bits: 8 - heldBits) }
    return byteCount
  }

  private var lastByte: UInt8 {
    let rest = 8 - heldBits
    return UInt8(truncatingIfNeeded: held << rest | (1 << rest - 1))
  }
}
