extension BundleManifest {
  /// Checks what the types leave open; files are not looked at.
  func check() throws(ManifestFault) {
    try checkNames()
    guard !dataset.isEmpty else { throw ManifestFault("dataset", "is empty") }
    for (key, size) in [("width", input.width), ("height", input.height)] {
      guard (1...4096).contains(size) else {
        throw ManifestFault("input.\(key)", "is \(size), outside 1...4096")
      }
    }
    guard !graphs.isEmpty else { throw ManifestFault("graphs", "names no graph") }
    for (name, graph) in graphs.sorted(by: { $0.key < $1.key }) {
      try graph.check(key: "graphs.\(name)")
    }
    try checkPaths()
    guard !labels.isEmpty else { throw ManifestFault("labels", "is empty") }
    guard labels.count <= Int(UInt16.max) else {
      throw ManifestFault("labels", "has \(labels.count) names, more than \(UInt16.max)")
    }
    if let index = labels.firstIndex(of: "") { throw ManifestFault("labels[\(index)]", "is empty") }
  }

  /// The graph names that paths use on the device, and on the server.
  var usedGraphs: (device: Set<String>, remote: Set<String>) {
    (Set(paths.compactMap(\.device)), Set(paths.compactMap(\.remote)))
  }

  /// The files of coders' tables, and where each is named.
  var coderTables: [(key: String, file: File)] {
    paths.enumerated().flatMap { path in
      path.element.sends.enumerated().compactMap { send in
        send.element.coder.tables.map {
          ("paths[\(path.offset)].sends[\(send.offset)].coder.tables", $0)
        }
      }
    }
  }

  /// Names are shown on terminals, where a control character could do anything.
  private func checkNames() throws(ManifestFault) {
    var names = [("dataset", dataset)]
    names += labels.enumerated().map { ("labels[\($0.offset)]", $0.element) }
    names += graphs.keys.sorted().map { ("graphs", $0) }
    for (index, path) in paths.enumerated() {
      let key = "paths[\(index)]"
      names.append(("\(key).name", path.name))
      for (index, send) in path.sends.enumerated() {
        names.append(("\(key).sends[\(index)].tensor", send.tensor))
        names.append(("\(key).sends[\(index)].to", send.to))
      }
      for (index, exit) in path.exits.enumerated() {
        names.append(("\(key).exits[\(index)].name", exit.name))
        names.append(("\(key).exits[\(index)].tensor", exit.tensor))
      }
    }
    for (key, name) in names
    where name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      throw ManifestFault(key, "has a name with a control character")
    }
  }

  private func checkPaths() throws(ManifestFault) {
    guard !paths.isEmpty else { throw ManifestFault("paths", "is empty") }
    // A request names its path in one byte.
    guard paths.count <= 256 else {
      throw ManifestFault("paths", "has \(paths.count) entries, more than 256")
    }
    var names: Set<String> = []
    for (index, path) in paths.enumerated() {
      let key = "paths[\(index)]"
      guard !path.name.isEmpty else { throw ManifestFault("\(key).name", "is empty") }
      guard names.insert(path.name).inserted else {
        throw ManifestFault("\(key).name", "'\(path.name)' is an earlier path's name too")
      }
      try path.check(key: key, graphs: graphs)
    }
    // The device is handed one file for an image, whichever path it takes.
    guard Set(paths.compactMap(\.codec).filter(\.isHosts)).count <= 1 else {
      throw ManifestFault("paths", "have several codecs of files (png, webp); one is possible")
    }
    let used = usedGraphs
    if let both = used.device.intersection(used.remote).min() {
      throw ManifestFault("paths", "use the graph '\(both)' both on the device and on the server")
    }
  }
}

extension BundleManifest.File {
  func check(key: String) throws(ManifestFault) {
    let components = file.split(separator: "/", omittingEmptySubsequences: false)
    guard !file.isEmpty, file.utf8.count <= 1024, !file.utf8.contains(0) else {
      throw ManifestFault("\(key).file", "is not a file's path")
    }
    guard !file.hasPrefix("/"), !components.contains("..") else {
      throw ManifestFault("\(key).file", "'\(file)' leaves the bundle's folder")
    }
    if let sha256 {
      guard sha256.utf8.count == 64, sha256.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
        throw ManifestFault("\(key).sha256", "is not 64 hex digits")
      }
    }
  }
}
