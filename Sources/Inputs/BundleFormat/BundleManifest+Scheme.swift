extension BundleManifest {
  /// Which policy runs the paths, on the device and on the server.
  public enum Scheme: String, Codable, Sendable, CaseIterable {
    case agilenn
    case mcunet
    case edgeOnly = "edge-only"
    case deepcod
    case spinn
  }
}
