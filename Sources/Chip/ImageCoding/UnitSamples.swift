/// The samples of one minimum coded unit: brightness, blueness, redness, from the int8 image.
///
/// Colours as in JFIF, which is ITU-R BT.601 over the whole range, in 16-bit fixed point. What lies
/// outside the picture repeats its last columns, and the last rows of each component.
struct UnitSamples {
  /// Bytes of memory that it needs.
  static let size = 3 * 256

  /// [unit side][unit side] each; the first quarter of a colour's is used once it is halved.
  private let planes: UnsafeMutablePointer<UInt8>
  private let side: Int

  init(_ memory: UnsafeMutableRawPointer, side: Int) {
    planes = memory.assumingMemoryBound(to: UInt8.self)
    self.side = side
  }

  /// Converts the pixels of a unit.
  ///
  /// - Parameters:
  ///   - image: int8 [height,width,3], pixel - 128.
  ///   - left, top: of the unit, in pixels.
  func load(_ image: UnsafePointer<Int8>, width: Int, height: Int, left: Int, top: Int) {
    var place = 0
    for row in 0..<side {
      let line = image + min(top &+ row, height &- 1) &* width &* 3
      for column in 0..<side {
        let pixel = line + min(left &+ column, width &- 1) &* 3
        let red = Int32(pixel[0]) &+ 128
        let green = Int32(pixel[1]) &+ 128
        let blue = Int32(pixel[2]) &+ 128
        // 0.299, 0.587, 0.114; 0.168736, 0.331264, 0.5; 0.5, 0.418688, 0.081312, in units of 2^-16.
        let bright = (red &* 19595 &+ green &* 38470 &+ blue &* 7471 &+ 0x8000) >> 16
        let blueness = (blue &* 32768 &- red &* 11059 &- green &* 21709 &+ 0x80_7FFF) >> 16
        let redness = (red &* 32768 &- green &* 27439 &- blue &* 5329 &+ 0x80_7FFF) >> 16
        planes[place] = UInt8(truncatingIfNeeded: bright)
        planes[place &+ 256] = UInt8(truncatingIfNeeded: blueness)
        planes[place &+ 512] = UInt8(truncatingIfNeeded: redness)
        place &+= 1
      }
    }
    if side == 16 {
      let rows = min(8, (height &- top &+ 1) / 2)
      halve(planes + 256, rows: rows)
      halve(planes + 512, rows: rows)
    }
  }

  /// 16x16 samples become 8x8 means, which are rounded down and up in turn.
  ///
  /// - Parameter rows: of means that have a part of the picture, 1 to 8; the last one is repeated.
  private func halve(_ plane: UnsafeMutablePointer<UInt8>, rows: Int) {
    for row in 0..<8 {
      if row >= rows {
        for column in 0..<8 { plane[8 &* row &+ column] = plane[8 &* (rows &- 1) &+ column] }
        continue
      }
      for column in 0..<8 {
        let corner = plane + (32 &* row &+ 2 &* column)
        let sum = Int32(corner[0]) &+ Int32(corner[1]) &+ Int32(corner[16]) &+ Int32(corner[17])
        let bias: Int32 = column & 1 == 0 ? 1 : 2
        plane[8 &* row &+ column] = UInt8(truncatingIfNeeded: (sum &+ bias) >> 2)
      }
    }
  }

  /// The samples of one block around 0.
  ///
  /// - Parameters:
  ///   - component: 0 brightness, 1 blueness, 2 redness.
  ///   - row, column: of the block in the unit.
  func copy(component: Int, row: Int, column: Int, to block: UnsafeMutablePointer<Int32>) {
    let stride = component == 0 ? side : 8
    let start = planes + (256 &* component &+ 8 &* (row &* stride &+ column))
    for line in 0..<8 {
      for place in 0..<8 {
        block[8 &* line &+ place] = Int32(start[line &* stride &+ place]) &- 128
      }
    }
  }
}
