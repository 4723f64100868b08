import BundleFormat

/// What a scheme needs of a bundle: each has a path of one kind at least.
struct SchemeRequirement {
  /// What such a path is, for a message.
  let path: String
  private let isMet: (BundleManifest.Path) -> Bool
  private let scheme: String

  /// - Throws: ``DeviceError/unknownScheme(_:known:)``.
  init(of scheme: String) throws(DeviceError) {
    guard let requirement = Self.all[scheme] else {
      throw .unknownScheme(scheme, known: Self.all.keys.sorted())
    }
    self.scheme = scheme
    (path, isMet) = requirement
  }

  /// - Throws: ``DeviceError/incompletePath(scheme:missing:)``.
  func check(_ manifest: BundleManifest) throws(DeviceError) {
    guard manifest.paths.contains(where: isMet) else {
      throw .incompletePath(scheme: scheme, missing: path)
    }
  }

  private static let all: [String: (String, (BundleManifest.Path) -> Bool)] = [
    "agilenn": ("a device graph and a remote one", { $0.device != nil && $0.remote != nil }),
    "mcunet": (
      "a device graph with an exit, and no remote one",
      { $0.device != nil && $0.remote == nil }
    ),
    "edge-only": ("a remote graph and no device graph", { $0.device == nil && $0.remote != nil }),
    "deepcod": ("a device graph and a remote one", { $0.device != nil && $0.remote != nil }),
    "spinn": (
      "a device graph with an exit, and a remote graph",
      { path in
        path.remote != nil && path.exits.contains { $0.where == .device }
      }
    ),
  ]
}
