import Crypto
public import Foundation

/// A folder that holds one trained system, read and checked: `docs/bundle.md`.
public struct ModelBundle: Sendable {
  public let directory: URL
  public let manifest: BundleManifest
  /// SHA-256 of `bundle.json` as stored, 32 bytes: what device and server compare.
  public let digest: [UInt8]
  /// What is odd but no error, a line each.
  public let warnings: [String]
  private let graphURLs: [String: URL]
  /// By file.
  private let coderTables: [String: [UInt8]]

  static let manifestName = "bundle.json"

  /// Reads `bundle.json` and checks it and every file that it names.
  ///
  /// Throws a ``BundleError`` of ``ExitStatus/missingInput`` if the folder, the manifest or a file
  /// is not there, and of ``ExitStatus/badData`` if one is not what it should be.
  public init(directory: URL) throws(BundleError) {
    let folder = try BundleFolder(directory)
    let text = try folder.read(Self.manifestName, key: nil, limit: .manifest)
    try self.init(directory: directory, folder: folder, text: text)
  }

  /// The bundle that the folder's files make with `text` as their manifest.
  init(directory: URL, folder: BundleFolder, text: Data) throws(BundleError) {
    let manifest: BundleManifest
    do {
      manifest = try JSONDecoder().decode(BundleManifest.self, from: text)
      try manifest.check()
    } catch {
      let fault = error as? ManifestFault ?? ManifestFault(error)
      throw folder.error(key: fault.key, fault.reason)
    }

    var urls: [String: URL] = [:]
    var warnings: [String] = []
    let used = manifest.usedGraphs
    for (name, graph) in manifest.graphs.sorted(by: { $0.key < $1.key }) {
      let kind: BundleFolder.Kind? =
        used.device.contains(name) ? .device : used.remote.contains(name) ? .remote : nil
      if kind == nil {
        warnings.append(folder.warning(key: "graphs.\(name)", "no path uses it"))
      }
      let warning = try folder.check(graph, key: "graphs.\(name)", kind: kind).warning
      if let warning { warnings.append(warning) }
      urls[name] = folder.url(of: graph.file)
    }
    var tables: [String: [UInt8]] = [:]
    for (key, file) in manifest.coderTables {
      let (content, warning) = try folder.check(file, key: key, kind: .coderTables)
      if let warning { warnings.append(warning) }
      tables[file.file] = Array(content)
    }
    self.directory = directory
    self.manifest = manifest
    digest = Array(SHA256.hash(data: text))
    self.warnings = warnings
    graphURLs = urls
    coderTables = tables
  }

  /// The coder's tables of a send of the manifest, as the bundle held them when it was read; nil
  /// where the coder has none.
  public func coderTables(of send: BundleManifest.Send) -> [UInt8]? {
    send.coder.tables.map { tables in
      guard let bytes = coderTables[tables.file] else {
        preconditionFailure("the manifest names no file '\(tables.file)'")
      }
      return bytes
    }
  }

  /// The file of a graph that the manifest names; another name is a caller's bug.
  public func url(ofGraph name: String) -> URL {
    guard let url = graphURLs[name] else {
      preconditionFailure("the manifest names no graph '\(name)'")
    }
    return url
  }
}
