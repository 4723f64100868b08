extension BundleManifest {
  /// Where an answer of a path comes from.
  public struct Exit: Codable, Equatable, Sendable {
    public var name: String
    /// `where` in the manifest.
    public var place: Place
    /// The output that holds the logits, of the device graph or of the remote one.
    public var tensor: String
    /// At or above this confidence, 0...1, a device exit may answer alone; nil: it never does.
    public var threshold: Float?
    /// The logits are divided by it before the softmax that gives a device exit's confidence; above 0.
    public var temperature: Float
    /// The weight of this exit's logits beside the server's, each 0...1: one number, or one for each
    /// count of whole channels that the server had, from none to all. nil: the server answers alone.
    public var alpha: [Float]?

    /// - Parameters:
    ///   - name: nil: `local` on the device, `remote` on the server.
    ///   - tensor: nil: `localLogits` of the device graph, `logits` of the remote one.
    public init(
      name: String? = nil, place: Place, tensor: String? = nil, threshold: Float? = nil,
      temperature: Float = 1, alpha: [Float]? = nil
    ) {
      self.name = name ?? (place == .device ? "local" : "remote")
      self.place = place
      self.tensor = tensor ?? (place == .device ? "localLogits" : "logits")
      self.threshold = threshold
      self.temperature = temperature
      self.alpha = alpha
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case name
      case place = "where"
      case tensor, threshold, temperature, alpha
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
      guard let place = try container.decodeName(Place.self, forKey: .place) else {
        throw DecodingError.keyNotFound(
          CodingKeys.place,
          DecodingError.Context(codingPath: container.codingPath, debugDescription: ""))
      }
      self.init(
        name: try container.decodeIfPresent(String.self, forKey: .name), place: place,
        tensor: try container.decodeIfPresent(String.self, forKey: .tensor),
        threshold: try container.decodeFittingIfPresent(Float.self, forKey: .threshold),
        temperature: try container.decodeFittingIfPresent(Float.self, forKey: .temperature) ?? 1,
        alpha: try container.decodeFittingIfPresent([Float].self, forKey: .alpha))
    }
  }

  /// Which half of a path an exit belongs to.
  public enum Place: String, Codable, Sendable, CaseIterable {
    case device, server
  }
}
