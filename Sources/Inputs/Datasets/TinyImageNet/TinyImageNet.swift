import Foundation

/// Tiny ImageNet (Stanford CS231n) as its publisher's archive unpacks: 200 classes, 64x64 JPEG.
///
/// Labels are positions in `wnids.txt`, names those of `words.txt`. The published test set has no
/// labels, so that `val` stands in for it.
struct TinyImageNet: ImageDataset {
  let name: String
  let labels: [String]
  let imageSize: (width: Int, height: Int) = (side, side)
  private let images: [(file: URL, label: Int)]

  /// Side of an image in pixels.
  static let side = 64

  var count: Int { images.count }

  /// - Parameter folder: `tiny-imagenet-200`.
  init(in folder: URL, split: Split) throws(DatasetError) {
    let classes = try TinyImageNetClasses(in: folder)
    name = "\(DatasetName.tinyimagenet.rawValue)/\(split.rawValue)"
    labels = classes.names
    images =
      switch split {
      case .train: try Self.training(below: folder.appending(path: "train"), classes)
      case .test: try Self.validation(below: folder.appending(path: "val"), classes)
      }
    guard !images.isEmpty else { throw .corrupt(path: folder.path, reason: "it has no images") }
  }

  func image(at index: Int) throws -> LabelledImage {
    try checkIndex(index)
    let (file, label) = images[index]
    let image = try ImageFile.load(file, index: index, label: label)
    guard image.width == Self.side, image.height == Self.side else {
      throw DatasetError.corrupt(
        path: file.path,
        reason: "\(image.width)x\(image.height) pixels in place of \(Self.side)x\(Self.side)")
    }
    return image
  }

  func label(at index: Int) throws -> Int? {
    try checkIndex(index)
    return images[index].label
  }

  /// `train/<wnid>/images/*.JPEG`, classes in the order of `wnids.txt`, files in that of their
  /// names.
  private static func training(
    below folder: URL, _ classes: TinyImageNetClasses
  ) throws(DatasetError) -> [(URL, Int)] {
    var images: [(URL, Int)] = []
    for (label, wnid) in classes.wnids.enumerated() {
      let ofClass = folder.appending(path: wnid).appending(path: "images")
      let files: [String]
      do {
        files = try FileManager.default.contentsOfDirectory(atPath: ofClass.path)
      } catch {
        throw .noSuchFile(path: ofClass.path)
      }
      images += files.filter { $0.hasSuffix(".JPEG") }.sorted()
        .map { (ofClass.appending(path: $0), label) }
    }
    return images
  }

  /// The images that `val/val_annotations.txt` lists, in its order.
  private static func validation(
    below folder: URL, _ classes: TinyImageNetClasses
  ) throws(DatasetError) -> [(URL, Int)] {
    let annotations = folder.appending(path: "val_annotations.txt")
    var images: [(URL, Int)] = []
    for line in try RecordFile.lines(of: annotations) {
      let fields = line.split(separator: "\t")
      guard fields.count >= 2 else {
        throw .corrupt(path: annotations.path, reason: "a line without file and class: \(line)")
      }
      guard let label = classes.label(of: String(fields[1])) else {
        throw .corrupt(path: annotations.path, reason: "unknown class \(fields[1])")
      }
      guard !fields[0].contains("/"), fields[0] != "..", fields[0] != "." else {
        throw .corrupt(path: annotations.path, reason: "\(fields[0]) is not a file's name")
      }
      images.append((folder.appending(path: "images/\(fields[0])"), label))
    }
    return images
  }
}
