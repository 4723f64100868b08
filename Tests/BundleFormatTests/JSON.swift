import Foundation

/// A JSON value to be spoilt by a test.
enum JSON: Sendable, Encodable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  case string(String)
  case integer(Int)
  case number(Double)
  case list([JSON])
  case object([String: JSON])

  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int) { self = .integer(value) }
  init(floatLiteral value: Double) { self = .number(value) }
  init(arrayLiteral elements: JSON...) { self = .list(elements) }
  init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(uniqueKeysWithValues: elements))
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .string(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }

  var data: Data { get throws { try JSONEncoder().encode(self) } }

  /// A step into a value.
  enum Step: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case key(String)
    case index(Int)

    init(stringLiteral value: String) { self = .key(value) }
    init(integerLiteral value: Int) { self = .index(value) }
  }

  /// The value with that at a place replaced, or removed if nil.
  func setting(_ path: [Step], to value: JSON?) -> JSON {
    guard let step = path.first else { return value ?? [:] }
    let rest = Array(path.dropFirst())
    switch (step, self) {
    case (.key(let key), .object(var object)):
      object[key] = rest.isEmpty ? value : (object[key] ?? [:]).setting(rest, to: value)
      return .object(object)
    case (.index(let index), .list(var list)):
      let old = list.indices.contains(index) ? list.remove(at: index) : [:]
      let new = rest.isEmpty ? value : old.setting(rest, to: value)
      if let new { list.insert(new, at: index) }
      return .list(list)
    default: return self
    }
  }
}
