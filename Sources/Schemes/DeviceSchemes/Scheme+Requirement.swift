import BundleFormat

extension BundleManifest.Scheme {
  /// What the scheme needs of one path of a bundle at least, for a message.
  var requirement: String {
    switch self {
    case .agilenn, .deepcod: "a device graph and a remote one"
    case .mcunet: "a device graph with an exit, and no remote one"
    case .edgeOnly: "a remote graph and no device graph"
    case .spinn: "a device graph with an exit, and a remote graph"
    }
  }

  /// Whether a path is one that the scheme can stand on.
  func canUse(_ path: BundleManifest.Path) -> Bool {
    switch self {
    case .agilenn, .deepcod: path.device != nil && path.remote != nil
    case .mcunet: path.device != nil && path.remote == nil
    case .edgeOnly: path.device == nil && path.remote != nil
    case .spinn: path.remote != nil && !path.deviceExits.isEmpty
    }
  }

  /// - Throws: ``DeviceError/incompletePath(scheme:missing:)`` where no path does.
  func check(_ manifest: BundleManifest) throws(DeviceError) {
    guard manifest.paths.contains(where: canUse) else {
      throw .incompletePath(scheme: rawValue, missing: requirement)
    }
  }
}
