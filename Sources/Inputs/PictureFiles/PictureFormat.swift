/// The formats of picture files, by their first bytes; a file's name does not matter.
///
/// Every file becomes 8-bit RGB: grey is repeated, palettes are looked up, 16-bit levels are
/// reduced, transparency is laid over white. CMYK is refused. A camera's orientation mark (EXIF)
/// is ignored: pixels come as they are stored.
public enum PictureFormat: Equatable, Sendable {
  case png
  case jpeg

  /// - Throws: ``PictureFileError`` for bytes of no format that is read here.
  public init(of bytes: [UInt8]) throws(PictureFileError) {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else {
      throw bytes.isEmpty ? .corrupt("it is empty") : .unsupported("neither a PNG nor a JPEG file")
    }
  }

  /// A file's width and height in pixels, from its header alone.
  public func size(of bytes: [UInt8]) throws(PictureFileError) -> (width: Int, height: Int) {
    switch self {
    case .png: try PNGDecoder.size(of: bytes)
    case .jpeg: try JPEGDecoder.size(of: bytes)
    }
  }

  public func decode(_ bytes: [UInt8]) throws(PictureFileError) -> Picture {
    switch self {
    case .png: try PNGDecoder.decode(bytes)
    case .jpeg: try JPEGDecoder.decode(bytes)
    }
  }
}
