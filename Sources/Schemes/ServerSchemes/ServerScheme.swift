import BundleFormat

/// The schemes that have a half on the server.
///
/// There all of them are the same: a path's payload becomes symbols, the symbols a tensor, the
/// remote graph runs on it, and one of its outputs is the answer (``ServerPath``). A scheme says only
/// which paths it may have. A scheme runs no network itself: the server runs whatever requests wait
/// as one batch.
///
/// MCUNet is none of them, because its device answers alone.
public enum ServerScheme: String, CaseIterable, Sendable {
  /// The remote network sees the less important features; the device combines.
  case agileNN = "agilenn"
  /// The device encodes the image, and the server does all the rest.
  case deepCOD = "deepcod"
  /// The image itself is sent.
  case edgeOnly = "edge-only"
  /// Several paths, by where the backbone is split; the first split may be the image itself.
  case spinn

  /// Reads and checks what a bundle says of the server's half.
  ///
  /// - Parameter graphs: the tensors of each remote graph that a path of the bundle names, by its
  ///   name.
  /// - Returns: by the number that a request names, which is the path's position in the bundle; nil
  ///   where the device answers that path alone.
  /// - Throws: ``ServerSchemeError`` when the bundle and its graphs do not go together.
  public static func paths(
    of bundle: ModelBundle, graphs: [String: RemoteGraph]
  ) throws -> [ServerPath?] {
    let name = bundle.manifest.scheme
    guard let scheme = ServerScheme(rawValue: name) else {
      let known = allCases.map(\.rawValue).joined(separator: ", ")
      throw ServerSchemeError("no server for the scheme '\(name)' (there is one for \(known))")
    }
    return try bundle.manifest.paths.map { path in
      guard let remote = path.remote else { return nil }
      guard let graph = graphs[remote] else {
        preconditionFailure("the graph '\(remote)' of the bundle was not handed in")
      }
      try scheme.check(path)
      return try ServerPath(bundle: bundle, path: path, remote: remote, graph: graph)
    }
  }

  private func check(_ path: BundleManifest.Path) throws(ServerSchemeError) {
    switch self {
    case .spinn: break
    case .agileNN, .deepCOD:
      guard path.device != nil else {
        throw ServerSchemeError("path '\(path.name)' has no device graph to make features")
      }
    case .edgeOnly:
      guard path.device == nil else {
        throw ServerSchemeError("path '\(path.name)' has a device graph, and sends no image")
      }
    }
  }
}
