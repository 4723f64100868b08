extension BundleManifest {
  /// One quantiser, there and back.
  public struct SymbolTable: Codable, Equatable, Sendable {
    /// 256 symbols, by int8 value + 128.
    public var symbolOf: [UInt8]
    /// float32 by symbol, 1...256 of them.
    public var valueOf: [Float]

    public init(symbolOf: [UInt8], valueOf: [Float]) {
      self.symbolOf = symbolOf
      self.valueOf = valueOf
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case symbolOf, valueOf
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
      symbolOf = try container.decodeFitting([UInt8].self, forKey: .symbolOf)
      valueOf = try container.decodeFitting([Float].self, forKey: .valueOf)
    }
  }
}
