extension BundleManifest {
  /// What a path sends to the server, and how values become bytes and values again.
  public struct Send: Codable, Equatable, Sendable {
    /// The device graph's output; ``image`` where there is no device graph.
    public var tensor: String
    /// The remote graph's input.
    public var to: String
    /// The tensor's channels that are sent, in the order of the stream, from 0; one may be sent more
    /// than once, with another table each time. nil: all of them, each once.
    public var channels: [Int]?
    /// One table for all channels that are sent, or one for each; none: the int8 values themselves are sent.
    public var symbols: [SymbolTable]
    public var coder: Coder
    /// The value of a sent channel that did not come: one for all channels, or one for each.
    public var missing: [Float]

    /// What is sent where there is no device graph: the input as int8 [1,height,width,3].
    public static let image = "image"

    /// - Parameters:
    ///   - to: nil: the tensor's own name.
    ///   - coder: nil: LZW with symbols, raw without.
    public init(
      tensor: String, to: String? = nil, channels: [Int]? = nil, symbols: [SymbolTable] = [],
      coder: Coder? = nil, missing: [Float] = [0]
    ) {
      self.tensor = tensor
      self.to = to ?? tensor
      self.channels = channels
      self.symbols = symbols
      self.coder = coder ?? Coder(name: Coder.byDefault(hasSymbols: !symbols.isEmpty))
      self.missing = missing
    }

    /// Whether it says nothing of how values are coded.
    var isPlain: Bool {
      channels == nil && symbols.isEmpty && coder == Coder(name: .raw) && missing == [0]
    }

    /// Symbols run from 0 to below this: the longest table's; 256 without tables.
    public var alphabetSize: Int { symbols.map(\.valueOf.count).max() ?? 256 }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case tensor, to, channels, symbols, coder, missing
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
      let symbols = try container.decodeIfPresent([SymbolTable].self, forKey: .symbols) ?? []
      let stated = try container.decodeIfPresent(StatedCoder.self, forKey: .coder)
      self.init(
        tensor: try container.decode(String.self, forKey: .tensor),
        to: try container.decodeIfPresent(String.self, forKey: .to),
        channels: try container.decodeIfPresent([Int].self, forKey: .channels), symbols: symbols,
        coder: Coder(
          name: stated?.name ?? Coder.byDefault(hasSymbols: !symbols.isEmpty),
          tables: stated?.tables),
        missing: try container.decodeFittingIfPresent([Float].self, forKey: .missing) ?? [0])
    }
  }
}
