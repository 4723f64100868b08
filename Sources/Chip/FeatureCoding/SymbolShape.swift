/// The extents of the features that are sent: a symbol for each.
public struct SymbolShape: Equatable, Sendable {
  public let height: Int
  public let width: Int
  public let channels: Int

  /// Extents are 1 or more; their product is in the range of `Int32`.
  public init(height: Int, width: Int, channels: Int) {
    precondition(height > 0 && width > 0 && channels > 0)
    let (plane, tooTall) = height.multipliedReportingOverflow(by: width)
    let (count, tooMany) = plane.multipliedReportingOverflow(by: channels)
    precondition(!tooTall && !tooMany && count <= Int(Int32.max))
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Symbols of one channel.
  public var plane: Int { height * width }
  /// Symbols of one image.
  public var count: Int { height * width * channels }
}
