extension BundleManifest {
  /// What makes bytes of symbols.
  public struct Coder: Codable, Equatable, Sendable {
    public var name: CoderName
    /// The range coder's contexts, a file that `agilenn-lab fit-coder` writes; nil for the others.
    public var tables: File?

    public init(name: CoderName, tables: File? = nil) {
      self.name = name
      self.tables = tables
    }

    /// The coder where the manifest names none.
    static func byDefault(hasSymbols: Bool) -> CoderName { hasSymbols ? .lzw : .raw }
  }

  /// As `docs/protocol.md` specifies them.
  public enum CoderName: String, Codable, Sendable, CaseIterable {
    /// A byte for each symbol, or the int8 values themselves.
    case raw
    case lzw
    case range
  }
}

/// A coder as it stands in a manifest, where its name may be left out.
struct StatedCoder: Decodable {
  let name: BundleManifest.CoderName?
  let tables: BundleManifest.File?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, tables
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    name = try container.decodeName(BundleManifest.CoderName.self, forKey: .name)
    tables = try container.decodeIfPresent(BundleManifest.File.self, forKey: .tables)
  }
}
