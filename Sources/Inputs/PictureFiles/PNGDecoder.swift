import CImageCodecs

/// PNG by libpng's simplified interface, which reports every failure by its return value.
public enum PNGDecoder {
  static func size(
    of bytes: [UInt8]
  ) throws(PictureFileError) -> (width: Int, height: Int) {
    var image = png_image()
    defer { png_image_free(&image) }
    let opened = bytes.withUnsafeBytes { open(&image, $0) }
    return try checkedSize(image, opened: opened)
  }

  public static func decode(_ bytes: [UInt8]) throws(PictureFileError) -> Picture {
    var image = png_image()
    defer { png_image_free(&image) }
    // libpng reads on from the buffer it was opened with, so that all happens within its scope.
    let result: Result<Picture, PictureFileError> = bytes.withUnsafeBytes { source in
      Result { () throws(PictureFileError) in
        let opened = open(&image, source)
        let size = try checkedSize(image, opened: opened)
        return try finish(&image, size)
      }
    }
    return try result.get()
  }

  private static func open(_ image: inout png_image, _ source: UnsafeRawBufferPointer) -> Bool {
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    return png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0
  }

  private static func checkedSize(
    _ image: png_image, opened: Bool
  ) throws(PictureFileError) -> (width: Int, height: Int) {
    guard opened else { throw .corrupt(message(of: image)) }
    let (width, height) = (Int(image.width), Int(image.height))
    try Picture.checkSize(width: width, height: height)
    return (width, height)
  }

  private static func finish(
    _ image: inout png_image, _ size: (width: Int, height: Int)
  ) throws(PictureFileError) -> Picture {
    image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
    // 16-bit files that do not say otherwise hold sRGB levels, as 8-bit ones do.
    image.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
    var white = png_color(red: 255, green: 255, blue: 255)
    var read: Int32 = 0
    let pixels = [UInt8](unsafeUninitializedCapacity: size.width * size.height * 3) {
      buffer, filled in
      read = png_image_finish_read(&image, &white, buffer.baseAddress, 0, nil)
      filled = read != 0 ? buffer.count : 0
    }
    // A warning (bit 0 alone) leaves the pixels whole; a failure does not.
    guard read != 0, image.warning_or_error & 2 == 0 else {
      throw .corrupt(message(of: image))
    }
    return Picture(width: size.width, height: size.height, pixels: pixels)
  }

  private static func message(of image: png_image) -> String {
    let text = withUnsafeBytes(of: image.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return text.isEmpty ? "libpng cannot read it" : text
  }
}
