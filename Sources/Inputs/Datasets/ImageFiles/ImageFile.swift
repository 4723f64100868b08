public import Foundation

/// PNG and JPEG files. What a file is, its first bytes say; its name does not matter.
///
/// Every file becomes 8-bit RGB: grey is repeated, palettes are looked up, 16-bit levels are
/// reduced, transparency is laid over white. CMYK is refused. A camera's orientation mark (EXIF)
/// is ignored, as training ignores it: pixels come as they are stored.
public enum ImageFile {
  /// Longest side that is decoded, in pixels.
  public static let largestSide = 4096
  /// Largest file that is read, in bytes: above what an image of the longest sides needs.
  static let largestFile = 64 << 20

  /// What the first bytes of a file say it is.
  enum Format: Equatable, Sendable {
    case png
    case jpeg

    init?(_ bytes: [UInt8]) {
      if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
        self = .png
      } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
        self = .jpeg
      } else {
        return nil
      }
    }
  }

  /// Decodes a file.
  ///
  /// - Parameters:
  ///   - url: the file; its last path component becomes the image's name.
  ///   - index: what the image's `index` shall be.
  ///   - label: what it shows, where that is known.
  public static func load(
    _ url: URL, index: Int = 0, label: Int? = nil
  ) throws(DatasetError) -> LabelledImage {
    let bytes = try RecordFile.contents(of: url, limit: largestFile)
    let decoded = try decode(bytes, path: url.path)
    return LabelledImage(
      index: index, pixels: decoded.pixels, width: decoded.width, height: decoded.height,
      label: label, name: url.lastPathComponent)
  }

  /// A file's width and height in pixels, from its header alone.
  public static func size(of url: URL) throws(DatasetError) -> (width: Int, height: Int) {
    let bytes = try RecordFile.contents(of: url, limit: largestFile)
    switch try format(of: bytes, path: url.path) {
    case .png: return try PNGDecoder.size(of: bytes, path: url.path)
    case .jpeg: return try JPEGDecoder.size(of: bytes, path: url.path)
    }
  }

  /// Decodes an image in memory; `path` names it in errors.
  static func decode(_ bytes: [UInt8], path: String) throws(DatasetError) -> DecodedImage {
    switch try format(of: bytes, path: path) {
    case .png: try PNGDecoder.decode(bytes, path: path)
    case .jpeg: try JPEGDecoder.decode(bytes, path: path)
    }
  }

  private static func format(of bytes: [UInt8], path: String) throws(DatasetError) -> Format {
    guard let format = Format(bytes) else {
      throw bytes.isEmpty
        ? .corrupt(path: path, reason: "it is empty")
        : .unsupportedImage(path: path, reason: "neither a PNG nor a JPEG file")
    }
    return format
  }

  /// Refuses an image that claims no pixels, or too many, before anything is decoded.
  static func checkSize(width: Int, height: Int, path: String) throws(DatasetError) {
    guard width > 0, height > 0 else {
      throw .corrupt(path: path, reason: "it claims \(width)x\(height) pixels")
    }
    guard width <= largestSide, height <= largestSide else {
      throw .unsupportedImage(
        path: path,
        reason:
          "\(width)x\(height) pixels are more than the \(largestSide)x\(largestSide) read here")
    }
  }
}

/// Decoded pixels: height · width · 3 bytes, rows from the top.
struct DecodedImage: Equatable, Sendable {
  var width: Int
  var height: Int
  var pixels: [UInt8]
}
