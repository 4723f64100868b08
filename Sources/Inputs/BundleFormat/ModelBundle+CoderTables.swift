import Crypto
import ExitStatus
public import Foundation

extension ModelBundle {
  /// Gives what a path sends the range coder with these tables: writes them beside `bundle.json`, under
  /// a name that follows from their content, and then the manifest that names them. The bundle's
  /// digest changes with it.
  ///
  /// The manifest's other parts stay as they are. It takes the old one's place in one step, so that
  /// the bundle is good before and after; tables that no path names any more are removed.
  ///
  /// - Parameters:
  ///   - tables: what the coder makes of training images' symbols; not looked into here.
  ///   - path: position in the manifest's paths. One that the manifest does not have, or that sends
  ///     nothing, is a ``BundleError``.
  /// - Throws: ``BundleError``, as ``init(directory:)`` does.
  public static func setCoderTables(
    _ tables: [UInt8], ofPath path: Int, directory: URL
  ) throws(BundleError) {
    let old = try ModelBundle(directory: directory)
    let folder = try BundleFolder(directory)
    let limit = BundleFolder.Kind.coderTables.byteLimit
    guard (1...limit).contains(tables.count) else {
      throw folder.error(
        key: nil, "cannot have coder tables of \(tables.count) bytes; 1 to \(limit) are allowed")
    }
    let digest = BundleFolder.hexadecimal(SHA256.hash(data: tables))
    let file = "coder-\(digest.prefix(8)).bin"
    let new = try folder.manifest { root throws(ManifestFault) in
      try root.setCoder(file: file, digest: digest, ofPath: path)
    }
    try folder.write(Data(tables), to: file)
    let bundle = try ModelBundle(directory: directory, folder: folder, text: new)
    try folder.write(new, to: manifestName)
    // A manifest may name any file of the folder as tables, its graphs too.
    let used = bundle.files.union([folder.url(of: manifestName)])
    for file in old.files.subtracting(used) { try? FileManager.default.removeItem(at: file) }
  }

  /// The files that the manifest names, symbolic links resolved.
  private var files: Set<URL> {
    let folder = directory.resolvingSymlinksInPath()
    let names = manifest.graphs.values.map(\.file) + manifest.coderTables.map(\.file.file)
    return Set(names.map { folder.appending(path: $0).resolvingSymlinksInPath() })
  }
}

extension OrderedJSON {
  fileprivate mutating func setCoder(
    file: String, digest: String, ofPath path: Int
  ) throws(ManifestFault) {
    guard case .list(var paths) = self["paths"], paths.indices.contains(path) else {
      throw ManifestFault("paths", "does not write out the path \(path), which is to get a coder")
    }
    let key = "paths[\(path)].sends"
    guard case .list(var sends) = paths[path]["sends"], !sends.isEmpty else {
      throw ManifestFault(key, "does not write out a tensor, which is to get a coder")
    }
    sends[0].set(
      "coder",
      to: .object([
        "name": .string("range"),
        "tables": .object(["file": .string(file), "sha256": .string(digest)]),
      ]))
    paths[path].set("sends", to: .list(sends))
    set("paths", to: .list(paths))
  }
}
