public import Foundation

extension ModelBundle {
  /// Says from which confidence on a device exit may answer alone: writes its temperature and its
  /// threshold into the manifest. The bundle's digest changes with it.
  ///
  /// The manifest's other parts stay as they are. It takes the old one's place in one step, so that
  /// the bundle is good before and after.
  ///
  /// - Parameters:
  ///   - temperature: above 0.
  ///   - threshold: 0 to 1; nil for an exit that never answers alone.
  ///   - exit: position in the path's exits. One that the path does not have, or that is the server's,
  ///     is a ``BundleError``.
  ///   - path: position in the manifest's paths.
  /// - Throws: ``BundleError``, as ``init(directory:)`` does.
  public static func setConfidence(
    temperature: Float, threshold: Float?, ofExit exit: Int, ofPath path: Int, directory: URL
  ) throws(BundleError) {
    _ = try ModelBundle(directory: directory)
    let folder = try BundleFolder(directory)
    let new = try folder.manifest { root throws(ManifestFault) in
      guard case .list(var paths) = root["paths"], paths.indices.contains(path),
        case .list(var exits) = paths[path]["exits"], exits.indices.contains(exit)
      else {
        throw ManifestFault(
          "paths[\(path)].exits", "does not write out the exit \(exit), which is to get a threshold"
        )
      }
      exits[exit].set("threshold", to: .plain(threshold.map { "\($0)" } ?? "null"))
      exits[exit].set("temperature", to: .plain("\(temperature)"))
      paths[path].set("exits", to: .list(exits))
      root.set("paths", to: .list(paths))
    }
    _ = try ModelBundle(directory: directory, folder: folder, text: new)
    try folder.write(new, to: manifestName)
  }
}
