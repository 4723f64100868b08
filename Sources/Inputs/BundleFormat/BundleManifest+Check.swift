extension BundleManifest {
  /// Checks what the types leave open; files are not looked at.
  func check() throws(ManifestFault) {
    try checkNames()
    guard !scheme.isEmpty else { throw ManifestFault("scheme", "is empty") }
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
    try symbols?.check()
    if let alpha {
      guard alpha >= 0, alpha <= 1 else {
        throw ManifestFault("alpha", "is \(alpha), outside 0...1")
      }
      guard paths.contains(where: { $0.exits.local != nil && $0.exits.remote != nil }) else {
        throw ManifestFault("alpha", "is there, but no path has both a local and a remote exit")
      }
    }
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

  /// Names are shown on terminals, where a control character could do anything.
  private func checkNames() throws(ManifestFault) {
    var names = [("scheme", scheme), ("dataset", dataset)]
    names += labels.enumerated().map { ("labels[\($0.offset)]", $0.element) }
    names += graphs.keys.sorted().map { ("graphs", $0) }
    for (index, path) in paths.enumerated() {
      names.append(("paths[\(index)].name", path.name))
      names += path.tensors.flatMap { [$0.key, $0.value] }.sorted()
        .map { ("paths[\(index)].tensors", $0) }
      names += [path.exits.local, path.exits.remote].compactMap { $0 }
        .map { ("paths[\(index)].exits", $0) }
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
    let used = usedGraphs
    if let both = used.device.intersection(used.remote).min() {
      throw ManifestFault("paths", "use the graph '\(both)' both on the device and on the server")
    }
  }
}

extension BundleManifest.Graph {
  fileprivate func check(key: String) throws(ManifestFault) {
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

extension BundleManifest.Path {
  fileprivate func check(
    key: String, graphs: [String: BundleManifest.Graph]
  ) throws(ManifestFault) {
    guard device != nil || remote != nil else {
      throw ManifestFault(key, "has neither a device nor a remote graph")
    }
    for (role, name) in [("device", device), ("remote", remote)] {
      if let name, graphs[name] == nil {
        throw ManifestFault("\(key).\(role)", "there is no graph '\(name)'")
      }
    }
    try checkTensors(key: "\(key).tensors")
    try checkExits(key: "\(key).exits")
  }

  private func checkTensors(key: String) throws(ManifestFault) {
    guard remote != nil else {
      guard tensors.isEmpty else { throw ManifestFault(key, "has no remote graph to go to") }
      return
    }
    guard tensors.count == 1, let tensor = tensors.first else {
      throw ManifestFault(key, "has \(tensors.count) entries; one tensor is sent")
    }
    guard !tensor.key.isEmpty, !tensor.value.isEmpty else {
      throw ManifestFault(key, "has an empty name")
    }
    guard device != nil || tensor.key == Self.image else {
      throw ManifestFault(
        key, "sends '\(tensor.key)'; without a device graph that is '\(Self.image)'")
    }
  }

  private func checkExits(key: String) throws(ManifestFault) {
    for (role, exit, graph) in [("local", exits.local, device), ("remote", exits.remote, remote)] {
      guard let exit else { continue }
      guard !exit.isEmpty else { throw ManifestFault("\(key).\(role)", "is empty") }
      guard graph != nil else {
        throw ManifestFault("\(key).\(role)", "is '\(exit)', but the path has no such graph")
      }
    }
    guard remote == nil || exits.remote != nil else {
      throw ManifestFault("\(key).remote", "is missing, so that the remote graph has no answer")
    }
    guard remote != nil || exits.local != nil else {
      throw ManifestFault("\(key).local", "is missing, so that the path has no answer")
    }
  }
}

extension BundleManifest.Symbols {
  fileprivate func check() throws(ManifestFault) {
    guard !tables.isEmpty else { throw ManifestFault("symbols.tables", "is empty") }
    for (index, table) in tables.enumerated() {
      try table.check(key: "symbols.tables[\(index)]")
    }
  }
}

extension BundleManifest.SymbolTable {
  fileprivate func check(key: String) throws(ManifestFault) {
    guard (1...256).contains(valueOf.count) else {
      throw ManifestFault("\(key).valueOf", "has \(valueOf.count) entries, outside 1...256")
    }
    if let index = valueOf.firstIndex(where: { !$0.isFinite }) {
      throw ManifestFault("\(key).valueOf[\(index)]", "is not finite")
    }
    guard symbolOf.count == 256 else {
      throw ManifestFault("\(key).symbolOf", "has \(symbolOf.count) entries, not 256")
    }
    if let index = symbolOf.firstIndex(where: { Int($0) >= valueOf.count }) {
      throw ManifestFault(
        "\(key).symbolOf[\(index)]",
        "is \(symbolOf[index]), but valueOf has \(valueOf.count) entries")
    }
  }
}
