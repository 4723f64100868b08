import Foundation

/// A manifest of format 1, as far as it takes to write one of format 2: one list of symbol tables for
/// all paths, one alpha, one local and one remote exit.
///
/// Only what moves is looked at; the manifest that comes out must be read to know that it is good.
struct FormatOneManifest {
  private let root: OrderedJSON

  /// The text in format 2; nil where it has that already.
  ///
  /// - Throws: ``ManifestFault`` where the text is none of a manifest of format 1.
  static func updated(_ text: Data) throws(ManifestFault) -> Data? {
    let root = try OrderedJSON(parsing: text)
    guard case .object(let members) = root else { throw ManifestFault(nil, "is not an object") }
    switch root["format"] {
    case .plain("2"): return nil
    case .plain("1"): break
    case nil: throw ManifestFault("format", "is missing")
    default: throw ManifestFault("format", "is neither 1 nor 2")
    }
    let manifest = FormatOneManifest(root: root)
    let paths = try manifest.paths()
    var updated: [OrderedJSON.Member] = []
    for member in members {
      switch member.key {
      case "format": updated.append(.init(key: "format", value: .plain("2")))
      case "paths": updated.append(.init(key: "paths", value: .list(paths)))
      case "symbols", "alpha": break
      case "trained": updated.append(.init(key: "trained", value: trained(member.value)))
      default: updated.append(member)
      }
    }
    if root["paths"] == nil {
      let place = updated.firstIndex { $0.key == "graphs" }.map { $0 + 1 } ?? updated.endIndex
      updated.insert(.init(key: "paths", value: .list(paths)), at: place)
    }
    return Data(OrderedJSON.object(updated).text.utf8)
  }

  /// As it is, and that nothing was trained before.
  private static func trained(_ value: OrderedJSON) -> OrderedJSON {
    guard case .object(let members) = value, value["pretrained"] == nil else { return value }
    return .object(members + [.init(key: "pretrained", value: .plain("null"))])
  }

  private func paths() throws(ManifestFault) -> [OrderedJSON] {
    var old: [OrderedJSON] = []
    switch root["paths"] {
    case .list(let values): old = values
    case nil, .plain("null"):
      old = [
        .object([
          "device": root["graphs"]?["device"].map { _ in .string("device") },
          "remote": root["graphs"]?["remote"].map { _ in .string("remote") },
        ])
      ]
    default: throw ManifestFault("paths", "is not a list")
    }
    var paths: [OrderedJSON] = []
    var hasAlpha = false
    for (index, path) in old.enumerated() {
      let path = try Path(path, key: "paths[\(index)]")
      hasAlpha = hasAlpha || path.isCombined
      paths.append(path.updated(symbols: try symbols(), alpha: alpha))
    }
    guard alpha == nil || hasAlpha else {
      throw ManifestFault("alpha", "is there, but no path has both a local and a remote exit")
    }
    return paths
  }

  private var alpha: OrderedJSON? {
    guard let alpha = root["alpha"], alpha != .plain("null") else { return nil }
    return alpha
  }

  private func symbols() throws(ManifestFault) -> (tables: OrderedJSON, coder: OrderedJSON)? {
    guard let symbols = root["symbols"], symbols != .plain("null") else { return nil }
    guard case .object(let members) = symbols else {
      throw ManifestFault("symbols", "is not an object")
    }
    if let stranger = members.first(where: { !["coder", "tables"].contains($0.key) }) {
      throw ManifestFault("symbols.\(stranger.key)", "is not a key of format 1")
    }
    guard case .list(let tables) = symbols["tables"], !tables.isEmpty else {
      throw ManifestFault("symbols.tables", "is not a list with entries")
    }
    return (.list(tables), symbols["coder"] ?? .object(["name": .string("lzw")]))
  }
}

/// A path of format 1 with its defaults filled in.
private struct Path {
  private let name: OrderedJSON?
  private let device: OrderedJSON?
  private let remote: OrderedJSON?
  /// What is sent, and where it goes.
  private let tensor: OrderedJSON.Member?
  private let local: OrderedJSON?
  private let server: OrderedJSON?

  var isCombined: Bool { local != nil && server != nil }

  init(_ value: OrderedJSON, key: String) throws(ManifestFault) {
    guard case .object(let members) = value else { throw ManifestFault(key, "is not an object") }
    let known = ["name", "device", "remote", "tensors", "exits"]
    if let stranger = members.first(where: { !known.contains($0.key) }) {
      throw ManifestFault("\(key).\(stranger.key)", "is not a key of format 1")
    }
    name = value["name"]
    device = value["device"]
    remote = value["remote"]
    switch value["tensors"] {
    case .object(let tensors):
      guard tensors.count == (remote == nil ? 0 : 1) else {
        throw ManifestFault("\(key).tensors", "has \(tensors.count) entries; one tensor is sent")
      }
      tensor = tensors.first
    case nil:
      let sent = device == nil ? BundleManifest.Send.image : "features"
      tensor = remote.map { _ in .init(key: sent, value: .string(sent)) }
    default: throw ManifestFault("\(key).tensors", "is not an object")
    }
    switch value["exits"] {
    case .object(let exits):
      if let stranger = exits.first(where: { !["local", "remote"].contains($0.key) }) {
        throw ManifestFault("\(key).exits.\(stranger.key)", "is not a key of format 1")
      }
      local = value["exits"]?["local"]
      server = value["exits"]?["remote"]
    case nil:
      local = device.map { _ in .string("localLogits") }
      server = remote.map { _ in .string("logits") }
    default: throw ManifestFault("\(key).exits", "is not an object")
    }
  }

  /// The path in format 2.
  func updated(
    symbols: (tables: OrderedJSON, coder: OrderedJSON)?, alpha: OrderedJSON?
  ) -> OrderedJSON {
    let send = tensor.map { tensor in
      OrderedJSON.object([
        "tensor": .string(tensor.key), "to": tensor.value, "symbols": symbols?.tables,
        "coder": symbols?.coder, "missing": .list([.plain("0.0")]),
      ])
    }
    let exits: [OrderedJSON?] = [
      local.map { local in
        .object([
          "name": .string("local"), "where": .string("device"), "tensor": local,
          "alpha": isCombined ? alpha.map { .list([$0]) } : nil,
        ])
      },
      server.map { server in
        .object(["name": .string("remote"), "where": .string("server"), "tensor": server])
      },
    ]
    return .object([
      "name": name, "device": device, "sends": send.map { .list([$0]) }, "remote": remote,
      "exits": .list(exits.compactMap(\.self)),
    ])
  }
}
