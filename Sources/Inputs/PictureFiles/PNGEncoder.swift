import CImageCodecs

/// 8-bit RGB to PNG, by libpng's simplified interface.
public enum PNGEncoder {
  /// - Throws: ``PictureFileError/unencodable(_:)`` where libpng has no memory.
  public static func encode(_ picture: Picture) throws(PictureFileError) -> [UInt8] {
    var image = png_image()
    defer { png_image_free(&image) }
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(picture.width)
    image.height = png_uint_32(picture.height)
    image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
    // Without memory to write to, libpng says how much it needs.
    var size = 0
    guard png_image_write_to_memory(&image, nil, &size, 0, picture.pixels, 0, nil) != 0 else {
      throw .unencodable("libpng cannot encode it")
    }
    var written: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      written = png_image_write_to_memory(
        &image, buffer.baseAddress, &size, 0, picture.pixels, 0, nil)
      filled = written != 0 ? min(size, buffer.count) : 0
    }
    guard written != 0 else {
      throw .unencodable("libpng cannot encode it")
    }
    return bytes
  }
}
