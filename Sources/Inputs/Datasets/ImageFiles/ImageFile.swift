public import Foundation
public import PictureFiles

/// PNG and JPEG files of images, as ``PictureFormat`` reads them.
public enum ImageFile {
  /// Longest side that is decoded, in pixels.
  public static let largestSide = Picture.largestSide
  /// Largest file that is read, in bytes: above what an image of the longest sides needs.
  static let largestFile = 64 << 20

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
    do throws(PictureFileError) {
      return try PictureFormat(of: bytes).size(of: bytes)
    } catch {
      throw DatasetError(error, path: url.path)
    }
  }

  /// Decodes an image in memory; `path` names it in errors.
  static func decode(_ bytes: [UInt8], path: String) throws(DatasetError) -> Picture {
    do throws(PictureFileError) {
      return try PictureFormat(of: bytes).decode(bytes)
    } catch {
      throw DatasetError(error, path: path)
    }
  }
}

extension DatasetError {
  /// - Parameter path: the picture's file.
  init(_ error: PictureFileError, path: String) {
    switch error {
    case .corrupt(let reason): self = .corrupt(path: path, reason: reason)
    case .unsupported(let reason): self = .unsupportedImage(path: path, reason: reason)
    case .unreadable(let reason): self = .unreadable(path: path, reason: reason)
    case .unencodable(let reason): self = .unwritable(path: path, reason: reason)
    }
  }
}
