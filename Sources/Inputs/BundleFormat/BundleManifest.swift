/// `bundle.json`, as `docs/bundle.md` specifies it, with its defaults filled in.
public struct BundleManifest: Codable, Equatable, Sendable {
  /// ``currentFormat``.
  public var format: Int
  /// Chooses the device half and the server half.
  public var scheme: String
  public var dataset: String
  public var input: Input
  /// By name.
  public var graphs: [String: Graph]
  /// The ways to answer, at least one; a request names its path by position.
  public var paths: [Path]
  /// nil: the int8 feature values themselves are sent.
  public var symbols: Symbols?
  /// The local answer's weight, 0...1; nil: the remote answer alone.
  public var alpha: Float?
  /// One name for each class.
  public var labels: [String]
  /// How the bundle came to be; for people.
  public var trained: Trained?

  public static let currentFormat = 1

  public init(
    scheme: String, dataset: String, input: Input, graphs: [String: Graph], paths: [Path],
    symbols: Symbols? = nil, alpha: Float? = nil, labels: [String], trained: Trained? = nil
  ) {
    format = Self.currentFormat
    self.scheme = scheme
    self.dataset = dataset
    self.input = input
    self.graphs = graphs
    self.paths = paths
    self.symbols = symbols
    self.alpha = alpha
    self.labels = labels
    self.trained = trained
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case format, scheme, dataset, input, graphs, paths, symbols, alpha, labels, trained
  }

  public init(from decoder: any Decoder) throws {
    // The format first: what another one's keys are is not known here.
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    format = try keys.decodeFitting(Int.self, forKey: .format)
    guard format == Self.currentFormat else {
      throw DecodingError.dataCorruptedError(
        forKey: .format, in: keys,
        debugDescription: "is \(format); this program reads format \(Self.currentFormat)")
    }
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    scheme = try container.decodeIfPresent(String.self, forKey: .scheme) ?? "agilenn"
    dataset = try container.decodeIfPresent(String.self, forKey: .dataset) ?? "custom"
    input = try container.decode(Input.self, forKey: .input)
    let graphs = try container.decode([String: Graph].self, forKey: .graphs)
    self.graphs = graphs
    paths =
      try container.decodeIfPresent([Path].self, forKey: .paths)
      ?? [
        Path(
          device: graphs["device"].map { _ in "device" },
          remote: graphs["remote"].map { _ in "remote" })
      ]
    symbols = try container.decodeIfPresent(Symbols.self, forKey: .symbols)
    alpha = try container.decodeFittingIfPresent(Float.self, forKey: .alpha)
    labels = try container.decode([String].self, forKey: .labels)
    trained = try container.decodeIfPresent(Trained.self, forKey: .trained)
  }
}
