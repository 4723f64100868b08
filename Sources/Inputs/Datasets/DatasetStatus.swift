public import Foundation

/// What stands below a data root: a line of `agilenn-lab data list`.
public struct DatasetStatus: Equatable, Sendable {
  /// Whether a data set can be used.
  public enum State: Equatable, Sendable {
    /// Its files are there.
    case found
    /// It has no files, and needs none: its images are drawn when they are asked for.
    case drawnInMemory
    /// It is not there; the text says how to get it.
    case missing(String)
    /// Its files are there but wrong; the text says what is wrong.
    case broken(String)
  }

  public let name: DatasetName
  public let state: State
  /// The folder where its files are, or would be.
  public let folder: URL
  /// Images in each split; none for a split that cannot be used.
  public let counts: [Split: Int]
}

extension DatasetLocator {
  /// All data sets, in a fixed order. Reads headers and directories, no pixels.
  public func status() -> [DatasetStatus] {
    DatasetName.allCases.map(status(of:))
  }

  /// One data set.
  public func status(of name: DatasetName) -> DatasetStatus {
    var counts: [Split: Int] = [:]
    var state: DatasetStatus.State = .found
    for split in Split.allCases {
      do throws(DatasetError) {
        counts[split] = try count(of: name, split: split)
      } catch .missing(_, _, let hint) {
        state = .missing(hint)
      } catch {
        state = .broken(error.description)
      }
      guard state == .found else { break }
    }
    if name == .digits, state == .found, !hasDigitsFiles {
      state = .drawnInMemory
    }
    return DatasetStatus(name: name, state: state, folder: folder(of: name), counts: counts)
  }

  /// Whether both files of Digits are there.
  private var hasDigitsFiles: Bool {
    Split.allCases.allSatisfy { split in
      let file = folder(of: .digits).appending(path: Digits.fileName(of: split))
      return FileManager.default.fileExists(atPath: file.path)
    }
  }

  private func count(of name: DatasetName, split: Split) throws(DatasetError) -> Int {
    guard name == .svhn else { return try open(name, split: split).count }
    // To open SVHN is to inflate it; its header has the count.
    do throws(DatasetError) {
      return try SVHN.imageCount(in: folder(of: name), split: split)
    } catch .noSuchFile(let path) {
      throw .missing(dataset: name.rawValue, path: path, hint: name.hint)
    }
  }
}
