public import Foundation

/// Finds data sets below one folder.
public struct DatasetLocator: Sendable {
  /// The folder that holds a folder for each data set.
  public let root: URL

  /// - Parameters:
  ///   - root: the folder that the user named; `nil` for `$AGILENN_DATA`, or without that
  ///     `~/.cache/agilenn/datasets`.
  ///   - environment: the process's variables.
  public init(
    root: URL? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    if let root {
      self.root = root
    } else if let path = environment["AGILENN_DATA"], !path.isEmpty {
      self.root = URL(fileURLWithPath: path, isDirectory: true)
    } else {
      let home =
        environment["HOME"].map { URL(fileURLWithPath: $0, isDirectory: true) }
        ?? FileManager.default.homeDirectoryForCurrentUser
      self.root = home.appending(path: ".cache/agilenn/datasets")
    }
  }

  /// The folder of a data set.
  public func folder(of name: DatasetName) -> URL {
    root.appending(path: name.folder)
  }

  /// Opens a split. Digits is drawn in memory where its files are not there.
  ///
  /// - Throws: ``DatasetError``: `missing`, with how to get it, if it is not there; `corrupt` if its
  ///   files are not what they should be.
  public func open(_ name: DatasetName, split: Split) throws(DatasetError) -> any ImageDataset {
    let folder = folder(of: name)
    do throws(DatasetError) {
      switch name {
      case .cifar10: return try CIFAR.ten(in: folder, split: split)
      case .cifar100: return try CIFAR.hundred(in: folder, split: split)
      case .svhn: return try SVHN(in: folder, split: split)
      case .tinyimagenet: return try TinyImageNet(in: folder, split: split)
      case .digits: return try Digits.open(in: folder, split: split)
      }
    } catch .noSuchFile(let path) {
      throw .missing(dataset: name.rawValue, path: path, hint: name.hint)
    }
  }
}
