import Foundation

extension BundleFolder {
  /// The folder's manifest with a change, as its author left it in all other parts; not written yet.
  ///
  /// - Throws: ``BundleError`` where the manifest is none, the change cannot be made, or what comes out
  ///   of it is no manifest.
  func manifest(
    changed change: (inout OrderedJSON) throws(ManifestFault) -> Void
  ) throws(BundleError) -> Data {
    let text = try read(ModelBundle.manifestName, key: nil, limit: .manifest)
    do {
      var root = try OrderedJSON(parsing: text)
      try change(&root)
      let new = Data(root.text.utf8)
      try JSONDecoder().decode(BundleManifest.self, from: new).check()
      return new
    } catch {
      let fault = error as? ManifestFault ?? ManifestFault(error)
      throw self.error(key: fault.key, fault.reason)
    }
  }
}
