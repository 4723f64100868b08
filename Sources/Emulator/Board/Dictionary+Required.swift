extension Dictionary where Key == String, Value == ConfigNode {
  /// The value of a key that `ConfigNode.mapping(required:optional:)` has found to be there.
  public func value(_ key: String) -> ConfigNode {
    guard let value = self[key] else {
      preconditionFailure("the key '\(key)' was not among those required")
    }
    return value
  }
}
