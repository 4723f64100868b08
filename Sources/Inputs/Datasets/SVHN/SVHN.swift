import Foundation

/// A split of SVHN's cropped digits (Netzer et al., "Reading Digits in Natural Images with
/// Unsupervised Feature Learning", 2011): `train_32x32.mat` and `test_32x32.mat` as published, with
/// `X` 32x32x3xN uint8 and `y` Nx1, in which label 10 means the digit 0.
///
/// The pixels are one compressed array, so that they are inflated into memory when it is opened:
/// 225 million bytes for the published training split, 80 million for the test split.
struct SVHN: ImageDataset {
  let name: String
  let labels = (0...9).map(String.init)
  let count: Int
  let imageSize: (width: Int, height: Int) = (side, side)
  private let path: String
  /// Image, channel, column, row: the published array as it is stored.
  private let pixels: [UInt8]
  private let digits: [UInt8]

  /// Side of an image in pixels.
  static let side = 32
  private static let imageBytes = side * side * 3

  static func fileName(of split: Split) -> String {
    "\(split.rawValue)_32x32.mat"
  }

  /// - Parameter folder: `svhn`.
  init(in folder: URL, split: Split) throws(DatasetError) {
    let url = folder.appending(path: Self.fileName(of: split))
    let file = try MATFile(url)
    let images = try Self.imageCount(in: file, path: url.path)
    let pixels = try file.array(named: "X")
    guard pixels.storage == .uint8 else {
      throw .corrupt(path: url.path, reason: "array X is not of bytes")
    }
    let labels = try file.array(named: "y")
    guard labels.dimensions == [images, 1] || labels.dimensions == [1, images] else {
      throw .corrupt(
        path: url.path, reason: "array y has size \(labels.dimensions), X \(images) images")
    }
    var digits: [UInt8] = []
    digits.reserveCapacity(images)
    for index in 0..<images {
      guard let label = labels.integer(at: index), (1...10).contains(label) else {
        throw .corrupt(path: url.path, reason: "the label of image \(index) is not 1 to 10")
      }
      digits.append(UInt8(label % 10))
    }
    name = "\(DatasetName.svhn.rawValue)/\(split.rawValue)"
    path = url.path
    count = images
    self.pixels = pixels.bytes
    self.digits = digits
  }

  /// How many images a file holds, from its header.
  static func imageCount(in folder: URL, split: Split) throws(DatasetError) -> Int {
    let url = folder.appending(path: fileName(of: split))
    return try imageCount(in: MATFile(url), path: url.path)
  }

  private static func imageCount(in file: MATFile, path: String) throws(DatasetError) -> Int {
    let dimensions = try file.header(of: "X").dimensions
    // MATLAB drops a last dimension of 1.
    let images = dimensions.count == 4 ? dimensions[3] : 1
    guard dimensions.starts(with: [side, side, 3]), dimensions.count <= 4,
      (1...MATFile.largestArray / imageBytes).contains(images)
    else {
      throw .corrupt(
        path: path,
        reason:
          "array X has size \(dimensions), not 32x32x3xN with N up to "
          + "\(MATFile.largestArray / imageBytes)")
    }
    return images
  }

  func image(at index: Int) throws -> LabelledImage {
    try checkIndex(index)
    let first = index * Self.imageBytes
    let image = [UInt8](unsafeUninitializedCapacity: Self.imageBytes) { image, filled in
      pixels.withUnsafeBufferPointer { pixels in
        for row in 0..<Self.side {
          for column in 0..<Self.side {
            for channel in 0..<3 {
              image[(row * Self.side + column) * 3 + channel] =
                pixels[first + (channel * Self.side + column) * Self.side + row]
            }
          }
        }
      }
      filled = Self.imageBytes
    }
    return LabelledImage(
      index: index, pixels: image, width: Self.side, height: Self.side, label: Int(digits[index]),
      name: "\(name)/\(index)")
  }

  func label(at index: Int) throws -> Int? {
    try checkIndex(index)
    return Int(digits[index])
  }
}
