extension Decoder {
  /// A container of exactly the keys of `Key`: another key is refused, so that a misspelt one is
  /// not silently without effect.
  func strictContainer<Key: CodingKey & CaseIterable>(
    keyedBy type: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    let strangers = try container(keyedBy: AnyKey.self).allKeys
      .filter { Key(stringValue: $0.stringValue) == nil }
    if let stranger = strangers.min(by: { $0.stringValue < $1.stringValue }) {
      let known = Key.allCases.map(\.stringValue).joined(separator: ", ")
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: codingPath + [stranger],
          debugDescription: "is not a key here; there are \(known)"))
    }
    return try container(keyedBy: type)
  }
}

private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
