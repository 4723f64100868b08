public import Foundation

extension ModelBundle {
  /// Brings a bundle of format 1 over to this program's format: `bundle.json` is written anew, its
  /// other files stay as they are. The bundle's digest changes with it.
  ///
  /// Nothing is written unless the whole bundle is good then; what is written takes the old
  /// manifest's place in one step.
  ///
  /// - Returns: false where the bundle has this program's format already, and was left alone.
  /// - Throws: ``BundleError``, as ``init(directory:)`` does.
  public static func update(directory: URL) throws(BundleError) -> Bool {
    let folder = try BundleFolder(directory)
    let old = try folder.read(manifestName, key: nil, limit: .manifest)
    let new: Data?
    do {
      new = try FormatOneManifest.updated(old)
    } catch {
      throw folder.error(key: error.key, error.reason)
    }
    guard let new else { return false }
    _ = try ModelBundle(directory: directory, folder: folder, text: new)
    try folder.write(new, to: manifestName)
    return true
  }
}
