extension BundleManifest {
  /// What an image is sent as where no device graph runs first.
  public struct Codec: Codable, Hashable, Sendable {
    public var name: CodecName
    /// As the codec's own library counts: 1 to 100 for jpeg, 0 to 100 for webp; nil for the others.
    public var quality: Int?
    /// Of jpeg; nil for the others.
    public var chroma: Chroma?

    public static let raw = Codec(name: .raw)

    /// - Parameter chroma: nil: 4:2:0 for jpeg, none for the others.
    public init(name: CodecName, quality: Int? = nil, chroma: Chroma? = nil) {
      self.name = name
      self.quality = quality
      self.chroma = chroma ?? (name == .jpeg ? .half : nil)
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case name, quality, chroma
    }

    public init(from decoder: any Decoder) throws {
      // A name alone is enough where nothing is to be chosen.
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        guard let name = CodecName(rawValue: text) else {
          let names = CodecName.allCases.map(\.rawValue).joined(separator: ", ")
          throw DecodingError.dataCorrupted(
            DecodingError.Context(
              codingPath: decoder.codingPath, debugDescription: "is '\(text)', none of \(names)"))
        }
        self.init(name: name)
        return
      }
      let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
      guard let name = try container.decodeName(CodecName.self, forKey: .name) else {
        throw DecodingError.keyNotFound(
          CodingKeys.name,
          DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "is missing"))
      }
      self.init(
        name: name, quality: try container.decodeFittingIfPresent(Int.self, forKey: .quality),
        chroma: try container.decodeName(Chroma.self, forKey: .chroma))
    }
  }

  public enum CodecName: String, Codable, Sendable, CaseIterable {
    /// The int8 values, coded as any tensor.
    case raw
    /// The scan of a baseline JPEG, which the chip codes itself.
    case jpeg
    /// A PNG file, which the emulator's host codes.
    case png
    /// The frame of a lossy WebP, which the emulator's host codes.
    case webp
  }

  /// How often colour is kept beside brightness.
  public enum Chroma: String, Codable, Sendable, CaseIterable {
    case full = "4:4:4"
    case half = "4:2:0"
  }
}

extension BundleManifest.Codec {
  /// Whether the emulator's host makes the file, and not the chip.
  public var isHosts: Bool { name == .png || name == .webp }

  /// Checks what the types leave open.
  ///
  /// - Parameter key: where the codec stands in the manifest.
  func check(key: String) throws(ManifestFault) {
    let allowed: ClosedRange<Int>? =
      switch name {
      case .raw, .png: nil
      case .jpeg: 1...100
      case .webp: 0...100
      }
    if let allowed {
      guard let quality else {
        throw ManifestFault("\(key).quality", "is missing; '\(name.rawValue)' needs one")
      }
      guard allowed.contains(quality) else {
        throw ManifestFault(
          "\(key).quality", "is \(quality), outside \(allowed.lowerBound)...\(allowed.upperBound)")
      }
    } else if quality != nil {
      throw ManifestFault("\(key).quality", "is there, but '\(name.rawValue)' has none")
    }
    guard name == .jpeg || chroma == nil else {
      throw ManifestFault("\(key).chroma", "is there, but '\(name.rawValue)' has none")
    }
  }
}
