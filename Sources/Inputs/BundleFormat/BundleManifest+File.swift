extension BundleManifest {
  /// A file beside `bundle.json`: a graph, or a coder's tables.
  public struct File: Codable, Equatable, Sendable {
    /// Relative to the bundle's folder, which it does not leave.
    public var file: String
    /// 64 hex digits; nil: not stated.
    public var sha256: String?

    public init(file: String, sha256: String? = nil) {
      self.file = file
      self.sha256 = sha256
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case file, sha256
    }

    /// An object, or a string that is the file.
    public init(from decoder: any Decoder) throws {
      if let file = try? decoder.singleValueContainer().decode(String.self) {
        self.init(file: file)
        return
      }
      let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
      self.init(
        file: try container.decode(String.self, forKey: .file),
        sha256: try container.decodeIfPresent(String.self, forKey: .sha256))
    }
  }
}
