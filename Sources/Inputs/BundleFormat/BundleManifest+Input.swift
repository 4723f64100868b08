extension BundleManifest {
  /// What the device graph takes, and how the camera's image becomes that.
  public struct Input: Codable, Equatable, Sendable {
    /// Pixels.
    public var width: Int
    /// Pixels.
    public var height: Int
    public var resize: Resize
    public var fit: Fit

    public init(width: Int, height: Int, resize: Resize = .none, fit: Fit = .stretch) {
      self.width = width
      self.height = height
      self.resize = resize
      self.fit = fit
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case width, height, resize, fit
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
      width = try container.decodeFitting(Int.self, forKey: .width)
      height = try container.decodeFitting(Int.self, forKey: .height)
      resize = try container.decodeName(Resize.self, forKey: .resize) ?? .none
      fit = try container.decodeName(Fit.self, forKey: .fit) ?? .stretch
    }
  }

  public enum Resize: String, Codable, Sendable, CaseIterable {
    /// The camera's image must have the input's size.
    case none
    case nearest
    case bilinear
  }

  public enum Fit: String, Codable, Sendable, CaseIterable {
    /// Each axis is scaled by itself.
    case stretch
    /// The largest centred part of the input's proportions is scaled.
    case centreCrop = "centre-crop"
  }
}
