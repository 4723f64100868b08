import PictureFiles

/// A request's payload, decoded: the first symbols of an image, or a picture.
public struct DecodedPayload: Equatable, Sendable {
  enum Content: Equatable, Sendable {
    /// In scan order, each in its channel's table.
    case symbols([UInt8])
    case picture(Picture)
  }

  let content: Content
  /// How many symbols of the path are in it.
  public let symbolsUsed: Int

  init(symbols: [UInt8]) {
    content = .symbols(symbols)
    symbolsUsed = symbols.count
  }

  /// - Parameter symbolsUsed: units or files that were there; the rest of the picture is made up.
  init(picture: Picture, symbolsUsed: Int) {
    content = .picture(picture)
    self.symbolsUsed = symbolsUsed
  }
}
