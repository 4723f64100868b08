/// The SHA-256 of `bundle.json` as stored, by which a device and a server know that they hold the
/// same bundle.
public struct BundleDigest: Equatable, Sendable {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  public static let size = 32

  /// nil unless there are ``size`` bytes.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.size else { return nil }
    words = (
      bytes.integer(at: 0, as: UInt64.self), bytes.integer(at: 8, as: UInt64.self),
      bytes.integer(at: 16, as: UInt64.self), bytes.integer(at: 24, as: UInt64.self)
    )
  }

  public static func == (left: BundleDigest, right: BundleDigest) -> Bool {
    left.words == right.words
  }

  func encode(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) {
    bytes.store(words.0, at: offset)
    bytes.store(words.1, at: offset + 8)
    bytes.store(words.2, at: offset + 16)
    bytes.store(words.3, at: offset + 24)
  }
}

#if !hasFeature(Embedded)
  extension BundleDigest: Hashable {
    public func hash(into hasher: inout Hasher) {
      hasher.combine(words.0)
      hasher.combine(words.1)
    }

    /// nil unless there are ``size`` bytes.
    public init?(_ bytes: [UInt8]) {
      guard let digest = bytes.withUnsafeBytes({ BundleDigest($0) }) else { return nil }
      self = digest
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
      [words.0, words.1, words.2, words.3].flatMap { word in
        (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
      }
    }
  }
#endif
