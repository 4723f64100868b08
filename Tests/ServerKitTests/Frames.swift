import FeatureCoding
import OffloadWire

/// Frames as bytes.
enum Frames {
  static func hello(_ bundle: TestBundle, token: [UInt8] = []) throws -> [UInt8] {
    let digest = try bundle.digest
    return try token.withUnsafeBytes { try Hello(digest: digest, token: $0).encoded() }
  }

  static func infer(id: UInt32, path: UInt8 = 0, timeLeft: UInt32? = nil) throws -> [UInt8] {
    try Infer(id: id, path: path, timeLeft: timeLeft).encoded()
  }

  static func chunk(id: UInt32, _ payload: some Collection<UInt8>) throws -> [UInt8] {
    try Array(payload).withUnsafeBytes { try Chunk(id: id, payload: $0).encoded() }
  }

  /// - Parameter symbolCount: nil: cut here.
  static func end(
    id: UInt32, symbolCount: UInt32? = UInt32(TestBundle.symbolCount),
    _ payload: some Collection<UInt8> = []
  ) throws -> [UInt8] {
    try Array(payload).withUnsafeBytes {
      try End(id: id, symbolCount: symbolCount, payload: $0).encoded()
    }
  }

  static func cancel(id: UInt32) throws -> [UInt8] { try Cancel(id: id).encoded() }

  /// A whole request whose payload comes at its end.
  static func request(
    id: UInt32, path: UInt8 = 0, timeLeft: UInt32? = nil, symbols: [UInt8]
  ) throws -> [UInt8] {
    try request(id: id, path: path, timeLeft: timeLeft, payload: payload(symbols))
  }

  static func request(
    id: UInt32, path: UInt8 = 0, timeLeft: UInt32? = nil, payload: [UInt8]
  ) throws -> [UInt8] {
    try infer(id: id, path: path, timeLeft: timeLeft) + end(id: id, payload)
  }

  static func payload(_ symbols: [UInt8]) throws -> [UInt8] {
    try LZW.encode(symbols, alphabetSize: TestBundle.alphabetSize)
  }

  /// Eight symbols that tell one request from another, up to 65,536 of them.
  static func symbols(_ number: Int) -> [UInt8] {
    (0..<TestBundle.symbolCount).map { UInt8(number >> (2 * $0) & 3) }
  }
}
