public import BundleFormat

extension ServerPath {
  /// Reads and checks what a bundle says of the server's half.
  ///
  /// - Parameter graphs: the tensors of each remote graph that a path of the bundle names, by its
  ///   name.
  /// - Returns: by the number that a request names, which is the path's position in the bundle; nil
  ///   where the device answers that path alone.
  /// - Throws: ``ServerSchemeError`` when the bundle and its graphs do not go together.
  public static func paths(
    of bundle: ModelBundle, graphs: [String: RemoteGraph]
  ) throws(ServerSchemeError) -> [ServerPath?] {
    var paths: [ServerPath?] = []
    for path in bundle.manifest.paths {
      guard let remote = path.remote else {
        paths.append(nil)
        continue
      }
      guard let graph = graphs[remote] else {
        preconditionFailure("the graph '\(remote)' of the bundle was not handed in")
      }
      try bundle.manifest.scheme.check(path)
      paths.append(try ServerPath(bundle: bundle, path: path, remote: remote, graph: graph))
    }
    return paths
  }
}

extension BundleManifest.Scheme {
  /// Checks that the scheme has paths of this kind, one with a remote graph.
  ///
  /// That is all in which schemes differ on the server.
  fileprivate func check(_ path: BundleManifest.Path) throws(ServerSchemeError) {
    func fail(_ reason: String) -> ServerSchemeError {
      ServerSchemeError("path '\(path.name)' of the scheme '\(rawValue)' \(reason)")
    }
    switch self {
    case .agilenn, .deepcod:
      guard path.device != nil else { throw fail("has no device graph to make features") }
    case .edgeOnly:
      guard path.device == nil else { throw fail("has a device graph, and sends no image") }
    case .mcunet: throw fail("has a remote graph, and the device answers alone")
    // Split anywhere, before the first layer as well.
    case .spinn: break
    }
  }
}
