import MCUKernels

/// Makes an image that was changed pass the checksum.
enum ImageSeal {
  static func sealed(_ image: [UInt8]) -> [UInt8] {
    var image = image
    var crc = CRC32()
    image.withUnsafeBytes { bytes in
      crc.update(UnsafeRawBufferPointer(rebasing: bytes[..<12]))
      crc.update(UnsafeRawBufferPointer(rebasing: bytes[16...]))
    }
    for index in 0..<4 {
      image[12 + index] = UInt8(truncatingIfNeeded: crc.value >> UInt32(8 * index))
    }
    return image
  }
}
