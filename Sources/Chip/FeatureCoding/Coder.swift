/// How a path's symbols become the bytes of its payload; `docs/coding.md` specifies each.
///
/// The raw value is the coder's number in a plan, the name its name in a bundle.
public enum Coder: UInt8, CaseIterable, Sendable {
  /// One byte for each symbol.
  case raw = 0
  /// Welch's LZW; needs nothing but the alphabet's size.
  case lzw = 1
  /// A range coder with tables that were fitted to the symbols of training images.
  case range = 2

  public var name: StaticString {
    switch self {
    case .raw: "raw"
    case .lzw: "lzw"
    case .range: "range"
    }
  }
}

#if !hasFeature(Embedded)
  extension Coder {
    public init?(name: some StringProtocol) {
      guard let coder = Self.allCases.first(where: { $0.name.description == name }) else {
        return nil
      }
      self = coder
    }
  }
#endif
