/// A view of one record of a plan image whose fields are bytes, halves and words; it starts at a
/// multiple of 4, and a field at a multiple of its size.
struct PlanRecord {
  let base: UnsafeRawPointer

  func byte(_ offset: Int) -> UInt8 { base.load(fromByteOffset: offset, as: UInt8.self) }

  func half(_ offset: Int) -> UInt16 {
    UInt16(littleEndian: base.load(fromByteOffset: offset, as: UInt16.self))
  }

  func word(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: base.load(fromByteOffset: offset, as: UInt32.self))
  }

  func float(_ offset: Int) -> Float { Float(bitPattern: word(offset)) }

  func isZero(_ bytes: Range<Int>) -> Bool {
    for offset in bytes where byte(offset) != 0 { return false }
    return true
  }

  /// The offset of a table of `count` entries of `size` bytes in an image of `length`, or nil where
  /// it leaves the image or starts off the alignment. 0 where it has no entries.
  static func table(at offset: UInt32, count: Int, size: Int, length: Int) -> Int? {
    guard count > 0 else { return 0 }
    guard offset <= UInt32(PlanFormat.sizeLimit), Int(offset) % PlanFormat.alignment == 0,
      Int(offset) <= length, count <= (length - Int(offset)) / size
    else { return nil }
    return Int(offset)
  }
}
