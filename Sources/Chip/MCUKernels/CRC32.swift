/// The CRC-32 of IEEE 802.3 (polynomial 0xEDB88320 reflected, as in zlib and PNG), four bits a step
/// from a table of sixteen words, small enough for the chip.
public struct CRC32 {
  private var state: UInt32 = 0xFFFF_FFFF

  public init() {}

  /// The checksum of the bytes so far.
  public var value: UInt32 { ~state }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes {
      state ^= UInt32(byte)
      state = (state >> 4) ^ Self.step(state & 15)
      state = (state >> 4) ^ Self.step(state & 15)
    }
  }

  /// The remainder of a nibble: four shifts of the polynomial.
  @inline(__always)
  private static func step(_ nibble: UInt32) -> UInt32 {
    switch nibble {
    case 0: 0x0000_0000
    case 1: 0x1DB7_1064
    case 2: 0x3B6E_20C8
    case 3: 0x26D9_30AC
    case 4: 0x76DC_4190
    case 5: 0x6B6B_51F4
    case 6: 0x4DB2_6158
    case 7: 0x5005_713C
    case 8: 0xEDB8_8320
    case 9: 0xF00F_9344
    case 10: 0xD6D6_A3E8
    case 11: 0xCB61_B38C
    case 12: 0x9B64_C2B0
    case 13: 0x86D3_D2D4
    case 14: 0xA00A_E278
    default: 0xBDBD_F21C
    }
  }
}
