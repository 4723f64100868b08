/// Sine and cosine as integers, for rotations and warps that are the same on every machine.
enum SineTable {
  /// Steps in one turn.
  static let turn = 4096

  /// sin(2π · angle / 4096) · 16,384, interpolated between the table's 64 steps a quarter.
  static func sine(_ angle: Int) -> Int {
    let wrapped = angle & (turn - 1)
    let half = wrapped & 2047
    let folded = half <= 1024 ? half : 2048 - half
    let low = folded >> 4
    let fraction = folded & 15
    let high = min(low + 1, 64)
    let magnitude = (quarter[low] * (16 - fraction) + quarter[high] * fraction + 8) >> 4
    return wrapped < 2048 ? magnitude : -magnitude
  }

  /// cos(2π · angle / 4096) · 16,384.
  static func cosine(_ angle: Int) -> Int {
    sine(angle + turn / 4)
  }

  /// sin(π/2 · i / 64) · 16,384, rounded, for i from 0 to 64.
  private static let quarter: [Int] = [
    0, 402, 804, 1205, 1606, 2006, 2404, 2801, 3196, 3590, 3981, 4370, 4756, 5139, 5520, 5897,
    6270, 6639, 7005, 7366, 7723, 8076, 8423, 8765, 9102, 9434, 9760, 10080, 10394, 10702, 11003,
    11297, 11585, 11866, 12140, 12406, 12665, 12916, 13160, 13395, 13623, 13842, 14053, 14256,
    14449, 14635, 14811, 14978, 15137, 15286, 15426, 15557, 15679, 15791, 15893, 15986, 16069,
    16143, 16207, 16261, 16305, 16340, 16364, 16379, 16384,
  ]
}
