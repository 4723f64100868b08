/// What is wrong with a manifest, and under which key.
struct ManifestFault: Error, Equatable {
  /// nil: the file as a whole.
  let key: String?
  let reason: String

  init(_ key: String?, _ reason: String) {
    self.key = key
    self.reason = reason
  }
}

extension ManifestFault {
  init(_ error: any Error) {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      self.init(Self.name(of: context.codingPath + [key]), "is missing")
    case DecodingError.valueNotFound(let type, let context):
      self.init(Self.name(of: context.codingPath), "is null, not \(Self.noun(for: type))")
    case DecodingError.typeMismatch(let type, let context):
      self.init(Self.name(of: context.codingPath), "is not \(Self.noun(for: type))")
    case DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty:
      self.init(nil, "is not JSON")
    case DecodingError.dataCorrupted(let context):
      self.init(Self.name(of: context.codingPath), context.debugDescription)
    default:
      self.init(nil, "is not a manifest: \(error)")
    }
  }

  private static func name(of path: [any CodingKey]) -> String? {
    guard !path.isEmpty else { return nil }
    return path.reduce(into: "") { name, key in
      if let index = key.intValue {
        name += "[\(index)]"
      } else {
        name += (name.isEmpty ? "" : ".") + key.stringValue
      }
    }
  }

  private static func noun(for type: Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Float.Type, is Double.Type: "a number"
    case is any FixedWidthInteger.Type: "an integer"
    case is [Any].Type: "a list"
    default: "an object"
    }
  }
}
