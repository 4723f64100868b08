extension KeyedDecodingContainer {
  /// Decodes numbers, and says where it is that one does not fit its type: of that Foundation
  /// says only that the data is not JSON, in an error of its own or one without a place.
  func decodeFitting<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    do {
      return try decode(type, forKey: key)
    } catch let error as DecodingError where !Self.isNowhere(error) {
      throw error
    } catch {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "has a number that does not fit")
    }
  }

  private static func isNowhere(_ error: DecodingError) -> Bool {
    guard case .dataCorrupted(let context) = error else { return false }
    return context.codingPath.isEmpty
  }

  /// nil if there is none.
  func decodeFittingIfPresent<Value: Decodable>(
    _ type: Value.Type, forKey key: Key
  ) throws -> Value? {
    guard contains(key), try !decodeNil(forKey: key) else { return nil }
    return try decodeFitting(type, forKey: key)
  }

  /// One of an enum's names; the error for another lists them. nil if there is none.
  func decodeName<Name: RawRepresentable & CaseIterable>(
    _ type: Name.Type, forKey key: Key
  ) throws -> Name? where Name.RawValue == String {
    guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
    if let name = Name(rawValue: text) { return name }
    let names = Name.allCases.map(\.rawValue).joined(separator: ", ")
    throw DecodingError.dataCorruptedError(
      forKey: key, in: self, debugDescription: "is '\(text)', none of \(names)")
  }
}
