/// `bundle.json`, as `docs/bundle.md` specifies it, with its defaults filled in.
public struct BundleManifest: Codable, Equatable, Sendable {
  /// ``currentFormat``.
  public var format: Int
  public var scheme: Scheme
  public var dataset: String
  public var input: Input
  /// By name.
  public var graphs: [String: File]
  /// The ways to answer, at least one; a request names its path by position.
  public var paths: [Path]
  /// One name for each class.
  public var labels: [String]
  /// How the bundle came to be; for people.
  public var trained: Trained?

  public static let currentFormat = 2

  /// Whether a server has a part in any path.
  public var hasServerHalf: Bool { paths.contains { $0.remote != nil } }

  public init(
    scheme: Scheme, dataset: String, input: Input, graphs: [String: File], paths: [Path],
    labels: [String], trained: Trained? = nil
  ) {
    format = Self.currentFormat
    self.scheme = scheme
    self.dataset = dataset
    self.input = input
    self.graphs = graphs
    self.paths = paths
    self.labels = labels
    self.trained = trained
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case format, scheme, dataset, input, graphs, paths, labels, trained
  }

  public init(from decoder: any Decoder) throws {
    // The format first: what another one's keys are is not known here.
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    format = try keys.decodeFitting(Int.self, forKey: .format)
    guard format == Self.currentFormat else {
      throw DecodingError.dataCorruptedError(
        forKey: .format, in: keys,
        debugDescription: "is \(format); this program reads format \(Self.currentFormat)"
          + (format == 1 ? ": 'agilenn-lab bundle update DIR' brings the bundle over" : ""))
    }
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    scheme = try container.decodeName(Scheme.self, forKey: .scheme) ?? .agilenn
    dataset = try container.decodeIfPresent(String.self, forKey: .dataset) ?? "custom"
    input = try container.decode(Input.self, forKey: .input)
    let graphs = try container.decode([String: File].self, forKey: .graphs)
    self.graphs = graphs
    paths =
      try container.decodeIfPresent([Path].self, forKey: .paths)
      ?? [
        Path(
          device: graphs["device"].map { _ in "device" },
          remote: graphs["remote"].map { _ in "remote" })
      ]
    labels = try container.decode([String].self, forKey: .labels)
    trained = try container.decodeIfPresent(Trained.self, forKey: .trained)
  }
}
