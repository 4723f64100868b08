/// Bytes of a file, one after another: as they stand there, or inflated.
protocol ByteStream: AnyObject {
  /// Exactly `count` bytes.
  ///
  /// - Throws: `corrupt` if fewer are left.
  func read(_ count: Int) throws(DatasetError) -> [UInt8]

  /// Checks that what was read is all there is, but for `padding` bytes at most.
  func finish(padding: Int) throws(DatasetError)
}

/// A stretch of a file.
final class FileStream: ByteStream {
  private let file: RecordFile
  private var position: Int
  private let end: Int

  /// - Precondition: the range lies inside the file.
  init(_ file: RecordFile, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= file.size)
    self.file = file
    position = range.lowerBound
    end = range.upperBound
  }

  func read(_ count: Int) throws(DatasetError) -> [UInt8] {
    guard count <= end - position else {
      throw .corrupt(path: file.path, reason: "an array at byte \(position) is cut short")
    }
    defer { position += count }
    return try file.read(at: position, count: count)
  }

  func finish(padding: Int) throws(DatasetError) {
    guard end - position <= padding else {
      throw .corrupt(path: file.path, reason: "an array is followed by bytes of no meaning")
    }
  }
}
