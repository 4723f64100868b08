extension BundleManifest {
  /// How the bundle came to be. Training may note more than is read here.
  public struct Trained: Codable, Equatable, Sendable {
    /// The command that makes it again.
    public var command: String?
    public var seed: Int?
    public var epochs: Int?
    /// Percent right: by arithmetic (`float`, `int8`), then by answer (`combined`, `local`,
    /// `remote`).
    public var accuracy: [String: [String: Double]]?
    /// Percent of the importance that lies in the channels that stay on the device.
    public var skewness: Double?
    /// Percent of samples where a channel that is sent outweighs one that stays.
    public var violations: Double?
    /// What the network's weights were before training, such as `ImageNet-1k, EfficientNet-Lite0`;
    /// nil: random.
    public var pretrained: String?

    enum CodingKeys: String, CodingKey {
      case command, seed, epochs, accuracy, skewness, violations, pretrained
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      command = try container.decodeIfPresent(String.self, forKey: .command)
      seed = try container.decodeFittingIfPresent(Int.self, forKey: .seed)
      epochs = try container.decodeFittingIfPresent(Int.self, forKey: .epochs)
      accuracy = try container.decodeFittingIfPresent(
        [String: [String: Double]].self, forKey: .accuracy)
      skewness = try container.decodeFittingIfPresent(Double.self, forKey: .skewness)
      violations = try container.decodeFittingIfPresent(Double.self, forKey: .violations)
      pretrained = try container.decodeIfPresent(String.self, forKey: .pretrained)
    }
  }
}
