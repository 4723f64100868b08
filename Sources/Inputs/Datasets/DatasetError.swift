public import ExitStatus

/// Why a data set, or an image file, could not be used.
public enum DatasetError: Error, Equatable, Sendable {
  /// The data set has no files below the root; the hint says how to get it.
  case missing(dataset: String, path: String, hint: String)
  /// A file that was asked for is not there.
  case noSuchFile(path: String)
  /// A file is there but the system does not let us read it.
  case unreadable(path: String, reason: String)
  /// A file or folder cannot be written.
  case unwritable(path: String, reason: String)
  /// A file is not what its format says.
  case corrupt(path: String, reason: String)
  /// An image file of a kind that is not read here, or larger than is decoded here.
  case unsupportedImage(path: String, reason: String)
  /// An index that the data set does not have.
  case indexOutOfRange(dataset: String, index: Int, count: Int)
}

extension DatasetError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let dataset, let path, let hint):
      "data set \(dataset) is not there (looked for \(path)): \(hint)"
    case .noSuchFile(let path):
      "\(path): no such file"
    case .unreadable(let path, let reason):
      "\(path): \(reason)"
    case .unwritable(let path, let reason):
      "\(path) cannot be written: \(reason)"
    case .corrupt(let path, let reason):
      "\(path) is corrupt: \(reason)"
    case .unsupportedImage(let path, let reason):
      "\(path): \(reason)"
    case .indexOutOfRange(let dataset, let index, let count):
      "data set \(dataset) has \(count) images; there is none at \(index)"
    }
  }
}

extension DatasetError: ExitStatusProviding {
  /// 66 for what is not there, 65 for what is there but wrong, 73 for what cannot be written, 64 for
  /// an index off the end.
  public var exitStatus: Int32 {
    switch self {
    case .missing, .noSuchFile, .unreadable: 66
    case .corrupt, .unsupportedImage: 65
    case .unwritable: 73
    case .indexOutOfRange: 64
    }
  }
}
