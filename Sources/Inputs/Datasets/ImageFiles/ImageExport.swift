public import Foundation
import PictureFiles

/// Writes images of a data set as PNG files, to look at them or to use them as files.
public enum ImageExport {
  /// Writes the first images of a set as `INDEX-CLASS.png`, such as `00017-7.png`. The index has five
  /// digits at least, so that names sort as the images do. A file of such a name is replaced.
  ///
  /// - Parameters:
  ///   - count: of images; all where the set has fewer.
  ///   - folder: created if it is not there.
  ///   - each: takes each file when it is written.
  /// - Throws: ``DatasetError``: what the set throws, or `unwritable`.
  public static func write(
    _ dataset: any ImageDataset, count: Int, to folder: URL, each: (URL) throws -> Void
  ) throws {
    try DatasetError.attempt(folder) {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    for index in 0..<min(count, dataset.count) {
      let picture = try dataset.image(at: index)
      let file = folder.appending(path: name(of: picture, labels: dataset.labels))
      let bytes = try encode(picture, path: file.path)
      try DatasetError.attempt(file) { try Data(bytes).write(to: file, options: .atomic) }
      try each(file)
    }
  }

  private static func encode(
    _ picture: LabelledImage, path: String
  ) throws(DatasetError) -> [UInt8] {
    do throws(PictureFileError) {
      return try PNGEncoder.encode(
        Picture(width: picture.width, height: picture.height, pixels: picture.pixels))
    } catch {
      throw DatasetError(error, path: path)
    }
  }

  private static func name(of picture: LabelledImage, labels: [String]) -> String {
    let digits = "\(picture.index)"
    let index = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    guard let label = picture.label, labels.indices.contains(label) else { return "\(index).png" }
    // A class's name may be anything; a file's may not.
    let word = labels[label].map { $0.isLetter || $0.isNumber ? $0 : "_" }
    return "\(index)-\(String(word)).png"
  }
}
