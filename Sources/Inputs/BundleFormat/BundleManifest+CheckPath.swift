extension BundleManifest.Path {
  /// More answers than any network has heads.
  private static let exitLimit = 16

  /// Checks what the types leave open.
  ///
  /// - Parameter key: where the path stands in the manifest.
  func check(key: String, graphs: [String: BundleManifest.File]) throws(ManifestFault) {
    guard device != nil || remote != nil else {
      throw ManifestFault(key, "has neither a device nor a remote graph")
    }
    for (role, name) in [("device", device), ("remote", remote)] {
      if let name, graphs[name] == nil {
        throw ManifestFault("\(key).\(role)", "there is no graph '\(name)'")
      }
    }
    try checkCodec(key: "\(key).codec")
    try checkSends(key: "\(key).sends")
    try checkExits(key: "\(key).exits")
    try checkAlpha(key: "\(key).exits")
  }

  private func checkCodec(key: String) throws(ManifestFault) {
    guard let codec else { return }
    guard device == nil else {
      throw ManifestFault(
        key, "is '\(codec.name.rawValue)', but what a device graph's path sends is its tensor")
    }
    try codec.check(key: key)
  }

  private func checkSends(key: String) throws(ManifestFault) {
    guard remote != nil else {
      guard sends.isEmpty else { throw ManifestFault(key, "has no remote graph to go to") }
      return
    }
    guard sends.count == 1, let send else {
      throw ManifestFault(key, "has \(sends.count) entries; one tensor is sent")
    }
    for (role, name) in [("tensor", send.tensor), ("to", send.to)] {
      guard !name.isEmpty else { throw ManifestFault("\(key)[0].\(role)", "is empty") }
    }
    guard device != nil || send.tensor == BundleManifest.Send.image else {
      throw ManifestFault(
        "\(key)[0].tensor",
        "is '\(send.tensor)'; without a device graph it is '\(BundleManifest.Send.image)'")
    }
    try send.check(key: "\(key)[0]", channels: device == nil ? 3 : nil)
    if let codec, codec.name != .raw, !send.isPlain {
      throw ManifestFault(
        "\(key)[0]", "codes values, but the codec '\(codec.name.rawValue)' makes a picture's bytes")
    }
  }

  private func checkExits(key: String) throws(ManifestFault) {
    guard exits.count <= Self.exitLimit else {
      throw ManifestFault(key, "has \(exits.count) entries, more than \(Self.exitLimit)")
    }
    var names: Set<String> = []
    for (index, exit) in exits.enumerated() {
      let place = "\(key)[\(index)]"
      try exit.check(key: place)
      guard names.insert(exit.name).inserted else {
        throw ManifestFault("\(place).name", "'\(exit.name)' is an earlier exit's name too")
      }
      guard (exit.place == .device ? device : remote) != nil else {
        throw ManifestFault(
          "\(place).where",
          "is '\(exit.place.rawValue)', but the path has no "
            + (exit.place == .device ? "device graph" : "remote graph"))
      }
    }
    let servers = exits.count { $0.place == .server }
    guard remote == nil || servers == 1 else {
      throw ManifestFault(
        key, "has \(servers) server exits; a path with a remote graph has one")
    }
    guard !exits.isEmpty else {
      throw ManifestFault(key, "is empty, so that the path has no answer")
    }
  }

  /// The last answer of the device's own is the one that is weighed against the server's.
  private func checkAlpha(key: String) throws(ManifestFault) {
    let last = exits.lastIndex { $0.place == .device }
    for (index, exit) in exits.enumerated() {
      let place = "\(key)[\(index)].alpha"
      guard let alpha = exit.alpha else { continue }
      guard index == last, let send else {
        throw ManifestFault(
          place,
          "is there, but only the last device exit of a path with a server exit has one")
      }
      guard !alpha.isEmpty else { throw ManifestFault(place, "is empty") }
      if let index = alpha.firstIndex(where: { !($0 >= 0 && $0 <= 1) }) {
        throw ManifestFault("\(place)[\(index)]", "is \(alpha[index]), outside 0...1")
      }
      if let channels = send.statedChannels, alpha.count > 1, alpha.count != channels + 1 {
        throw ManifestFault(
          place, "has \(alpha.count) numbers; \(channels) channels have 1 or \(channels + 1)")
      }
    }
  }
}

extension BundleManifest.Exit {
  fileprivate func check(key: String) throws(ManifestFault) {
    for (role, text) in [("name", name), ("tensor", tensor)] {
      guard !text.isEmpty else { throw ManifestFault("\(key).\(role)", "is empty") }
    }
    if let threshold {
      guard place == .device else {
        throw ManifestFault("\(key).threshold", "is there, but only a device exit has one")
      }
      guard threshold >= 0, threshold <= 1 else {
        throw ManifestFault("\(key).threshold", "is \(threshold), outside 0...1")
      }
    }
    guard temperature > 0, temperature.isFinite else {
      throw ManifestFault("\(key).temperature", "is \(temperature), not above 0")
    }
    guard place == .device || temperature == 1 else {
      throw ManifestFault("\(key).temperature", "is there, but only a device exit has one")
    }
  }
}
