/// Who holds a piece of SRAM: one line of the map.
public struct SRAMTenant: Equatable, Sendable, Codable {
  public let name: String
  /// Bytes from the start of SRAM.
  public let offset: Int
  /// Bytes asked for; the next tenant begins at the next aligned offset.
  public let byteCount: Int

  public init(name: String, offset: Int, byteCount: Int) {
    self.name = name
    self.offset = offset
    self.byteCount = byteCount
  }

  enum CodingKeys: String, CodingKey {
    case name
    case offset
    case byteCount = "bytes"
  }
}

/// A piece of SRAM that is asked for.
public struct SRAMRequest: Equatable, Sendable {
  public let name: String
  public let byteCount: Int

  public init(name: String, byteCount: Int) {
    self.name = name
    self.byteCount = byteCount
  }
}
