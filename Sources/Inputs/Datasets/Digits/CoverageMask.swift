/// Which sixteenths of each pixel of a 32x32 image a drawing covers: 4x4 samples a pixel, exact
/// integer geometry.
///
/// Coordinates are in 1/64 pixel with (0, 0) at the upper left corner of the image.
struct CoverageMask: Sendable {
  /// Side of the image in pixels.
  static let side = 32
  /// Coordinate units in a pixel.
  static let pixel = 64

  /// A bit for each sample of a pixel, rows of pixels from the top.
  private(set) var samples = [UInt16](repeating: 0, count: side * side)

  /// Covered sixteenths of a pixel, 0 to 16.
  func coverage(row: Int, column: Int) -> Int {
    samples[row * Self.side + column].nonzeroBitCount
  }

  /// Covers all samples within `radius` of the segment from `start` to `end`.
  ///
  /// `pressure` (in sixteenths) stretches vertical distances before they are compared, so that
  /// above 16 level strokes come out thinner than upright ones, as from a broad pen.
  mutating func stroke(
    from start: (x: Int, y: Int), to end: (x: Int, y: Int), radius: Int, pressure: Int = 16
  ) {
    let reachY = radius * 16 / pressure
    let columns = Self.sampleRange(
      min(start.x, end.x) - radius, max(start.x, end.x) + radius)
    let rows = Self.sampleRange(min(start.y, end.y) - reachY, max(start.y, end.y) + reachY)
    guard !columns.isEmpty, !rows.isEmpty else { return }
    let (deltaX, deltaY) = (end.x - start.x, (end.y - start.y) * pressure / 16)
    let length2 = deltaX * deltaX + deltaY * deltaY
    let radius2 = radius * radius
    for row in rows {
      let y = (row * 16 + 8 - start.y) * pressure / 16
      for column in columns {
        let x = column * 16 + 8 - start.x
        let along = x * deltaX + y * deltaY
        let inside: Bool
        if along <= 0 {
          inside = x * x + y * y <= radius2
        } else if along >= length2 {
          inside = (x - deltaX) * (x - deltaX) + (y - deltaY) * (y - deltaY) <= radius2
        } else {
          let across = x * deltaY - y * deltaX
          inside = across * across <= radius2 * length2
        }
        if inside {
          let bit = UInt16(1) << UInt16((row & 3) * 4 + (column & 3))
          samples[(row >> 2) * Self.side + (column >> 2)] |= bit
        }
      }
    }
  }

  /// The samples whose centres (16·i + 8) lie between the two coordinates, inside the image.
  private static func sampleRange(_ low: Int, _ high: Int) -> Range<Int> {
    let first = max(0, (low - 8) >> 4)
    let last = min(side * 4 - 1, (high + 8) >> 4)
    return first <= last ? first..<(last + 1) : 0..<0
  }
}
