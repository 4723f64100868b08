import CImageCodecs

/// Lossy WebP by libwebp, without the container (RIFF) around its one frame: 20 bytes that say nothing.
public enum WebP {
  /// From 0, the smallest, to 100.
  public static let qualities = 0...100
  /// `RIFF`, a length, `WEBP`, `VP8 `, a length.
  private static let containerSize = 20

  /// A VP8 frame (RFC 6386) by libwebp's default settings.
  ///
  /// - Throws: ``PictureFileError/unencodable(_:)``.
  public static func encode(_ picture: Picture, quality: Int) throws(PictureFileError) -> [UInt8] {
    precondition(qualities.contains(quality))
    var output: UnsafeMutablePointer<UInt8>?
    let size = WebPEncodeRGB(
      picture.pixels, Int32(picture.width), Int32(picture.height), Int32(3 * picture.width),
      Float(quality), &output)
    defer { WebPFree(output) }
    guard let output, size > containerSize else {
      throw .unencodable("libwebp cannot encode it")
    }
    let file = UnsafeBufferPointer(start: output, count: size)
    // The chunk's own length leaves out a byte that makes it even.
    let length = file[16..<20].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard file[12..<16].elementsEqual("VP8 ".utf8), length <= size - containerSize else {
      throw .unencodable("libwebp has made another kind of file of it")
    }
    return Array(file[containerSize..<(containerSize + length)])
  }

  /// - Parameter bytes: a VP8 frame, or a WebP file.
  /// - Throws: ``PictureFileError``.
  public static func decode(_ bytes: [UInt8]) throws(PictureFileError) -> Picture {
    var (width, height) = (Int32(0), Int32(0))
    guard WebPGetInfo(bytes, bytes.count, &width, &height) != 0 else {
      throw .corrupt("libwebp cannot read its header")
    }
    try Picture.checkSize(width: Int(width), height: Int(height))
    var isDecoded = false
    let pixels = [UInt8](unsafeUninitializedCapacity: Int(width) * Int(height) * 3) {
      buffer, filled in
      isDecoded =
        WebPDecodeRGBInto(bytes, bytes.count, buffer.baseAddress, buffer.count, 3 * width) != nil
      filled = isDecoded ? buffer.count : 0
    }
    guard isDecoded else { throw .corrupt("libwebp cannot decode it") }
    return Picture(width: Int(width), height: Int(height), pixels: pixels)
  }
}
