import Yams

/// One value of a YAML file, with the place it came from, so that whatever is wrong with it can be
/// said in one line.
public struct ConfigNode {
  public let path: String
  /// The keys that lead here, joined by dots; empty for the whole file.
  public let key: String
  private let node: Node

  /// Parses a whole file.
  public init(path: String, text: String) throws(ConfigError) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw ConfigNode.syntaxError(error, path: path)
    }
    guard let root else {
      throw .malformed(path: path, line: 0, reason: "the file is empty")
    }
    self.init(path: path, key: "", node: root)
  }

  private init(path: String, key: String, node: Node) {
    self.path = path
    self.key = key
    self.node = node
  }

  public func malformed(_ reason: String) -> ConfigError {
    .malformed(
      path: path, line: node.mark?.line ?? 0, reason: key.isEmpty ? reason : "\(key): \(reason)")
  }

  /// The values of a mapping by key.
  ///
  /// - Parameters:
  ///   - required: the keys that must be there.
  ///   - optional: the keys that may be; any other is an error.
  public func mapping(
    required: [String], optional: [String] = []
  ) throws(ConfigError) -> [String: ConfigNode] {
    let values = try mapping()
    let known = required + optional
    for (name, value) in values.sorted(by: { $0.key < $1.key }) where !known.contains(name) {
      throw value.parentMalformed(
        key, "unknown key '\(name)'; known are: \(known.joined(separator: ", "))")
    }
    for name in required where values[name] == nil {
      throw malformed("the key '\(name)' is missing")
    }
    return values
  }

  /// The values of a mapping whose keys are free.
  public func mapping() throws(ConfigError) -> [String: ConfigNode] {
    guard let mapping = node.mapping else {
      throw malformed("expected a mapping of keys to values")
    }
    var values: [String: ConfigNode] = [:]
    for (name, value) in mapping {
      guard let name = name.scalar?.string else {
        throw malformed("a key is not a plain word")
      }
      values[name] = ConfigNode(
        path: path, key: key.isEmpty ? name : "\(key).\(name)", node: value)
    }
    return values
  }

  public func sequence() throws(ConfigError) -> [ConfigNode] {
    guard let sequence = node.sequence else {
      throw malformed("expected a list")
    }
    return sequence.enumerated().map { index, value in
      ConfigNode(path: path, key: "\(key)[\(index)]", node: value)
    }
  }

  public func string() throws(ConfigError) -> String {
    guard let scalar = node.scalar, node.null == nil else {
      throw malformed("expected text")
    }
    return scalar.string
  }

  public func boolean() throws(ConfigError) -> Bool {
    guard let value = node.bool else {
      throw malformed("expected true or false")
    }
    return value
  }

  public func integer(in range: ClosedRange<Int>) throws(ConfigError) -> Int {
    guard node.scalar != nil, let value = node.int else {
      throw malformed("expected a whole number")
    }
    guard range.contains(value) else {
      throw malformed("\(value) is not from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  public func number(in range: ClosedRange<Double>) throws(ConfigError) -> Double {
    guard node.scalar != nil, let value = node.float, value.isFinite else {
      throw malformed("expected a number")
    }
    guard range.contains(value) else {
      throw malformed(
        "\(value) is not from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// An error on this value's line that concerns the mapping which holds it.
  private func parentMalformed(_ parent: String, _ reason: String) -> ConfigError {
    .malformed(
      path: path, line: node.mark?.line ?? 0,
      reason: parent.isEmpty ? reason : "\(parent): \(reason)")
  }

  private static func syntaxError(_ error: any Error, path: String) -> ConfigError {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      .malformed(path: path, line: mark.line, reason: "not YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, _):
      .malformed(
        path: path, line: 0,
        reason: "keys that stand twice: \(duplicates.map(\.description).joined(separator: ", "))")
    default:
      .malformed(path: path, line: 0, reason: "not YAML")
    }
  }
}
