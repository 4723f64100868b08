extension BundleManifest.Send {
  /// The most channels that are sent; a range coder's tables have no more.
  private static let mostChannels = 256
  /// The most channels of a tensor of which some are picked.
  private static let mostTensorChannels = 65_535

  /// How many channels are sent, as far as lists with an entry for each say so.
  var statedChannels: Int? {
    channels?.count ?? [symbols.count, missing.count].first { $0 > 1 }
  }

  /// Checks what the types leave open.
  ///
  /// - Parameters:
  ///   - key: where the entry stands in the manifest.
  ///   - channels: the tensor's, where they are known.
  func check(key: String, channels: Int?) throws(ManifestFault) {
    for (index, table) in symbols.enumerated() {
      try table.check(key: "\(key).symbols[\(index)]")
    }
    guard !missing.isEmpty else { throw ManifestFault("\(key).missing", "is empty") }
    if let index = missing.firstIndex(where: { !$0.isFinite }) {
      throw ManifestFault("\(key).missing[\(index)]", "is not finite")
    }
    try checkChannels(key: "\(key).channels", of: channels)
    let channels = self.channels?.count ?? channels ?? statedChannels
    for (list, count) in [("symbols", symbols.count), ("missing", missing.count)] {
      if let channels, count > 1, count != channels {
        throw ManifestFault("\(key).\(list)", "has \(count) entries for \(channels) channels")
      }
    }
    try checkCoder(key: "\(key).coder")
  }

  private func checkChannels(key: String, of tensorChannels: Int?) throws(ManifestFault) {
    guard let channels else { return }
    guard (1...Self.mostChannels).contains(channels.count) else {
      throw ManifestFault(key, "has \(channels.count) entries, outside 1...\(Self.mostChannels)")
    }
    let limit = tensorChannels ?? Self.mostTensorChannels
    if let index = channels.firstIndex(where: { !(0..<limit).contains($0) }) {
      throw ManifestFault("\(key)[\(index)]", "is \(channels[index]), outside 0..<\(limit)")
    }
  }

  private func checkCoder(key: String) throws(ManifestFault) {
    guard coder.name == .raw || !symbols.isEmpty else {
      throw ManifestFault(
        "\(key).name",
        "is '\(coder.name.rawValue)', but without symbols the int8 values are sent raw")
    }
    guard let tables = coder.tables else {
      guard coder.name != .range else {
        throw ManifestFault("\(key).tables", "is missing; the coder 'range' needs them")
      }
      return
    }
    guard coder.name == .range else {
      throw ManifestFault(
        "\(key).tables", "is there, but the coder '\(coder.name.rawValue)' has none")
    }
    try tables.check(key: "\(key).tables")
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
