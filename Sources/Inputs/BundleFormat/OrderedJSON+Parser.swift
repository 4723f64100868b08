extension OrderedJSON {
  /// Takes a text apart.
  ///
  /// - Throws: ``ManifestFault`` where it is not JSON, names a key twice in one object, or is nested
  ///   more deeply than a manifest is.
  init(parsing text: some Sequence<UInt8>) throws(ManifestFault) {
    var parser = Parser(bytes: Array(text))
    self = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.isAtEnd else { throw Parser.notJSON }
  }
}

private struct Parser {
  static let notJSON = ManifestFault(nil, "is not JSON")
  private static let depthLimit = 32

  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { position == bytes.count }

  mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  mutating func value(depth: Int) throws(ManifestFault) -> OrderedJSON {
    guard depth < Self.depthLimit else {
      throw ManifestFault(nil, "is nested more than \(Self.depthLimit) levels deep")
    }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try list(depth: depth)
    case UInt8(ascii: "\""): return .plain(try string())
    default: return .plain(try word())
    }
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Whether the next character but space is this one, which is then behind.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func object(depth: Int) throws(ManifestFault) -> OrderedJSON {
    position += 1
    var members: [OrderedJSON.Member] = []
    var keys: Set<String> = []
    guard !take("}") else { return .object([]) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw Self.notJSON }
      let key = String(try string().dropFirst().dropLast())
      guard keys.insert(key).inserted else {
        throw ManifestFault(nil, "has the key '\(key)' twice in one object")
      }
      guard take(":") else { throw Self.notJSON }
      members.append(OrderedJSON.Member(key: key, value: try value(depth: depth + 1)))
    } while take(",")
    guard take("}") else { throw Self.notJSON }
    return .object(members)
  }

  private mutating func list(depth: Int) throws(ManifestFault) -> OrderedJSON {
    position += 1
    var values: [OrderedJSON] = []
    guard !take("]") else { return .list([]) }
    repeat { values.append(try value(depth: depth + 1)) } while take(",")
    guard take("]") else { throw Self.notJSON }
    return .list(values)
  }

  /// A string, with its quotes and as it is escaped.
  private mutating func string() throws(ManifestFault) -> String {
    let start = position
    position += 1
    while let byte = next, byte != UInt8(ascii: "\"") {
      position += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    guard position < bytes.count else { throw Self.notJSON }
    position += 1
    return try text(from: start)
  }

  /// A number, `true`, `false` or `null`.
  private mutating func word() throws(ManifestFault) -> String {
    let start = position
    while let byte = next, !" \t\n\r,:[]{}\"".utf8.contains(byte) { position += 1 }
    guard position > start else { throw Self.notJSON }
    return try text(from: start)
  }

  private func text(from start: Int) throws(ManifestFault) -> String {
    guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
      throw Self.notJSON
    }
    return text
  }
}
