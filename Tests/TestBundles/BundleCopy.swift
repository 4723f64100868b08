package import BundleFormat
package import Foundation

/// A copy of a bundle with another manifest, in a folder that goes with the last reference to it.
package final class BundleCopy: Sendable {
  package let folder: URL

  /// - Parameters:
  ///   - original: a bundle's folder.
  ///   - files: more files beside the manifest, by their names.
  ///   - edit: changes the manifest.
  package init(
    of original: URL, adding files: [String: [UInt8]] = [:],
    _ edit: (inout [String: Any]) throws -> Void = { _ in }
  ) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("agilenn-bundle-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.copyItem(at: original, to: folder)
    let file = folder.appendingPathComponent("bundle.json")
    guard
      var manifest = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        as? [String: Any]
    else { throw CocoaError(.fileReadCorruptFile) }
    try edit(&manifest)
    try JSONSerialization.data(withJSONObject: manifest).write(to: file)
    for (name, content) in files {
      try Data(content).write(to: folder.appendingPathComponent(name))
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  package func load() throws -> ModelBundle { try ModelBundle(directory: folder) }
}

extension [String: Any] {
  /// Changes each object of the list that a key has; a missing list stays missing.
  package mutating func changeEach(_ key: String, _ change: (inout [String: Any]) -> Void) {
    guard var list = self[key] as? [[String: Any]] else { return }
    for index in list.indices { change(&list[index]) }
    self[key] = list
  }
}

extension [String: Any] {
  /// Gives the last device exit of each path a weight for each count of whole channels, so that a
  /// prefix is worth something.
  package mutating func weighPrefixes(_ weights: [Double]) {
    changeEach("paths") { path in
      path.changeEach("exits") { exit in
        if exit["alpha"] != nil { exit["alpha"] = weights }
      }
    }
  }
}
