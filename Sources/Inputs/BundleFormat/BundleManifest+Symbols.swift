extension BundleManifest {
  /// How features become symbols, symbols bytes, and symbols features again.
  public struct Symbols: Codable, Equatable, Sendable {
    public var coder: Coder
    /// One for all feature channels, or one for each.
    public var tables: [SymbolTable]

    public init(coder: Coder = Coder(), tables: [SymbolTable]) {
      self.coder = coder
      self.tables = tables
    }

    /// Symbols run from 0 to below this: the longest table's.
    public var alphabetSize: Int { tables.map(\.valueOf.count).max() ?? 0 }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case coder, tables
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
      coder = try container.decodeIfPresent(Coder.self, forKey: .coder) ?? Coder()
      tables = try container.decode([SymbolTable].self, forKey: .tables)
    }
  }

  /// What makes bytes of symbols.
  public struct Coder: Codable, Equatable, Sendable {
    public var name: CoderName

    public init(name: CoderName = .lzw) {
      self.name = name
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case name
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
      name = try container.decodeName(CoderName.self, forKey: .name) ?? .lzw
    }
  }

  public enum CoderName: String, Codable, Sendable, CaseIterable {
    /// As `docs/protocol.md` specifies it.
    case lzw
  }

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
