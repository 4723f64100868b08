import CImageCodecs

/// Writes PNG files chunk by chunk, so that tests can write wrong ones too.
enum PNGWriter {
  /// The PNG specification's colour types.
  enum Colour: UInt8 {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgba = 6
  }

  /// - Parameters:
  ///   - rows: each row's samples as they go into the file, without the filter byte.
  ///   - palette: red, green, blue for each entry.
  static func png(
    width: UInt32, height: UInt32, depth: UInt8 = 8, _ colour: Colour, rows: [[UInt8]],
    palette: [UInt8] = []
  ) -> [UInt8] {
    let header = word(width) + word(height) + [depth, colour.rawValue, 0, 0, 0]
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    file += chunk("IHDR", header)
    if !palette.isEmpty { file += chunk("PLTE", palette) }
    file += chunk("IDAT", deflated(rows.flatMap { [0] + $0 }))
    return file + chunk("IEND", [])
  }

  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    let sum = body.withUnsafeBufferPointer { crc32(0, $0.baseAddress, uInt($0.count)) }
    return word(UInt32(data.count)) + body + word(UInt32(sum))
  }

  static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var size = compressBound(uLong(bytes.count))
    var output = [UInt8](repeating: 0, count: Int(size))
    let status = compress(&output, &size, bytes, uLong(bytes.count))
    precondition(status == Z_OK)
    return Array(output.prefix(Int(size)))
  }

  private static func word(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * $0)) }
  }
}
