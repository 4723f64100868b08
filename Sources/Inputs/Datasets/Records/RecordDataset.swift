import Foundation

/// Images in CIFAR's binary layout: records of one or two label bytes, then 1,024 bytes each of
/// red, green and blue, rows from the top. Files follow one another as if they were one.
struct RecordDataset: ImageDataset {
  /// How a record starts.
  struct Layout: Equatable, Sendable {
    /// Bytes before the pixels.
    var labelBytes: Int
    /// Which of them is the label.
    var labelPosition: Int

    /// CIFAR-10 and Digits.
    static let oneLabel = Layout(labelBytes: 1, labelPosition: 0)
    /// CIFAR-100: the coarse label, then the fine one.
    static let coarseThenFine = Layout(labelBytes: 2, labelPosition: 1)

    var recordSize: Int { labelBytes + RecordDataset.planeSize * 3 }
  }

  /// Side of an image in pixels.
  static let side = 32
  /// Pixels in an image.
  static let planeSize = side * side

  let name: String
  let labels: [String]
  let count: Int
  let layout: Layout
  private let files: [(file: RecordFile, first: Int)]

  var imageSize: (width: Int, height: Int) { (Self.side, Self.side) }

  /// - Throws: `corrupt` if a file's size is no multiple of the record's.
  init(name: String, labels: [String], layout: Layout, files urls: [URL]) throws(DatasetError) {
    var files: [(RecordFile, Int)] = []
    var count = 0
    for url in urls {
      let file = try RecordFile(url)
      guard file.size > 0, file.size % layout.recordSize == 0 else {
        throw .corrupt(
          path: file.path,
          reason: "its \(file.size) bytes are no multiple of the \(layout.recordSize) of a record")
      }
      files.append((file, count))
      count += file.size / layout.recordSize
    }
    self.name = name
    self.labels = labels
    self.layout = layout
    self.files = files
    self.count = count
  }

  func image(at index: Int) throws -> LabelledImage {
    let (file, offset) = try place(of: index)
    let record = try file.read(at: offset, count: layout.recordSize)
    let label = try checked(record[layout.labelPosition], at: index, of: file)
    return LabelledImage(
      index: index, pixels: Self.interleaved(record[layout.labelBytes...]), width: Self.side,
      height: Self.side, label: label, name: "\(name)/\(index)")
  }

  func label(at index: Int) throws -> Int? {
    let (file, offset) = try place(of: index)
    let byte = try file.read(at: offset + layout.labelPosition, count: 1)
    return try checked(byte[0], at: index, of: file)
  }

  private func place(of index: Int) throws(DatasetError) -> (file: RecordFile, offset: Int) {
    try checkIndex(index)
    guard let entry = files.last(where: { $0.first <= index }) else {
      preconditionFailure("the first file starts at image 0")
    }
    return (entry.file, (index - entry.first) * layout.recordSize)
  }

  private func checked(
    _ label: UInt8, at index: Int, of file: RecordFile
  ) throws(DatasetError) -> Int {
    guard label < labels.count else {
      throw .corrupt(
        path: file.path,
        reason: "image \(index) has label \(label), of \(labels.count) classes")
    }
    return Int(label)
  }

  /// Three planes into pixels.
  private static func interleaved(_ planes: ArraySlice<UInt8>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: planeSize * 3) { pixels, filled in
      planes.withUnsafeBufferPointer { planes in
        for pixel in 0..<planeSize {
          pixels[pixel * 3] = planes[pixel]
          pixels[pixel * 3 + 1] = planes[planeSize + pixel]
          pixels[pixel * 3 + 2] = planes[2 * planeSize + pixel]
        }
      }
      filled = planeSize * 3
    }
  }
}
