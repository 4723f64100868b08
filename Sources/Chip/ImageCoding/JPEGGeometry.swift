/// A picture divided into minimum coded units (ITU-T T.81, A.2): rows of them, from the top left.
public struct JPEGGeometry: Equatable, Sendable {
  /// Pixels.
  public let width: Int
  /// Pixels.
  public let height: Int
  public let sampling: ChromaSampling

  /// The longest side that a JPEG file can state.
  public static let longestSide = 65_535

  /// - Precondition: sides of 1 to ``longestSide`` pixels.
  public init(width: Int, height: Int, sampling: ChromaSampling) {
    precondition(width > 0 && height > 0)
    precondition(width <= Self.longestSide && height <= Self.longestSide)
    self.width = width
    self.height = height
    self.sampling = sampling
  }

  /// Minimum coded units of a row.
  public var columns: Int { (width + sampling.unitSide - 1) / sampling.unitSide }
  public var rows: Int { (height + sampling.unitSide - 1) / sampling.unitSide }
  /// Minimum coded units of the picture.
  public var units: Int { rows * columns }

  /// Blocks of brightness that hold any of the picture, along each axis; the others of the last units
  /// are filled up.
  var luminanceColumns: Int { (width + 7) / 8 }
  var luminanceRows: Int { (height + 7) / 8 }
}
