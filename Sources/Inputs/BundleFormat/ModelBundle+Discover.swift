import ExitStatus
public import Foundation

extension ModelBundle {
  /// Every bundle in a folder and the folders below it, by path; hidden folders and symbolic links
  /// to folders are not entered.
  ///
  /// Throws a ``BundleError`` if the folder is not there, or for the first bundle that is wrong.
  public static func discover(in directory: URL) throws(BundleError) -> [ModelBundle] {
    var found: [URL] = []
    try collect(in: BundleFolder(directory).url, displayedAs: directory, into: &found)
    var bundles: [ModelBundle] = []
    for folder in found.sorted(by: { $0.path < $1.path }) {
      bundles.append(try ModelBundle(directory: folder))
    }
    return bundles
  }

  private static func collect(
    in directory: URL, displayedAs shown: URL, into found: inout [URL]
  ) throws(BundleError) {
    let entries: [URL]
    do {
      entries = try FileManager.default.contentsOfDirectory(
        at: directory, includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles)
    } catch {
      throw BundleError(file: shown.path, reason: "cannot be read", status: .missingInput)
    }
    for entry in entries {
      let name = entry.lastPathComponent
      if name == manifestName {
        found.append(shown)
      } else if (try? entry.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true {
        try collect(in: entry, displayedAs: shown.appending(path: name), into: &found)
      }
    }
  }
}
