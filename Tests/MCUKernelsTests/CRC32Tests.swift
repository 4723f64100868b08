import MCUKernels
import Testing

@Suite struct CRC32Tests {
  /// The check value that every catalogue of CRCs gives.
  @Test func `The digits 1 to 9`() {
    var crc = CRC32()
    let digits = Array("123456789".utf8)
    digits.withUnsafeBytes { crc.update($0) }
    #expect(crc.value == 0xCBF4_3926)
  }

  @Test func `Nothing has the value zero`() {
    #expect(CRC32().value == 0)
  }

  @Test func `Pieces sum up to the whole`() {
    let bytes = (0..<255).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
    for cut in 0...bytes.count {
      var crc = CRC32()
      bytes.withUnsafeBytes { whole in
        crc.update(UnsafeRawBufferPointer(rebasing: whole[..<cut]))
        crc.update(UnsafeRawBufferPointer(rebasing: whole[cut...]))
      }
      var once = CRC32()
      bytes.withUnsafeBytes { once.update($0) }
      #expect(crc.value == once.value)
    }
  }
}
