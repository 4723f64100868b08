import Foundation

@testable import Datasets

/// The published data sets, where `$AGILENN_DATA` has them.
enum RealData {
  static let locator = DatasetLocator()

  static func has(_ name: DatasetName) -> Bool {
    guard let root = ProcessInfo.processInfo.environment["AGILENN_DATA"], !root.isEmpty else {
      return false
    }
    return FileManager.default.fileExists(atPath: locator.folder(of: name).path)
  }
}
