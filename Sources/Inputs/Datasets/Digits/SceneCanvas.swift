/// A 32x32 RGB picture under construction: components in 1/16 of a level (0 to 4,080), so that
/// gradients and blends keep their precision until the end.
struct SceneCanvas: Sendable {
  static let side = CoverageMask.side
  static let scale = 16

  /// Height, width, channel.
  private(set) var components = [Int](repeating: 0, count: side * side * 3)

  /// Sets one pixel, in 1/16 levels.
  mutating func set(row: Int, column: Int, red: Int, green: Int, blue: Int) {
    let base = (row * Self.side + column) * 3
    components[base] = red
    components[base + 1] = green
    components[base + 2] = blue
  }

  /// Lays a colour over all that the mask covers; `opacity` in 256ths.
  mutating func paint(_ mask: CoverageMask, with colour: SceneColour, opacity: Int = 256) {
    for pixel in mask.samples.indices where mask.samples[pixel] != 0 {
      let share = mask.samples[pixel].nonzeroBitCount * opacity
      let base = pixel * 3
      blend(base, colour.red, share)
      blend(base + 1, colour.green, share)
      blend(base + 2, colour.blue, share)
    }
  }

  /// One pass of the kernel 1-2-1 in both directions, edges repeated.
  mutating func blur() {
    let rowStride = Self.side * 3
    components = Self.blurred(components, lines: Self.side, lineStride: rowStride, step: 3)
    components = Self.blurred(components, lines: Self.side, lineStride: 3, step: rowStride)
  }

  /// Adds noise: each pixel up to `level` levels lighter or darker, each component as much again by
  /// `colour` levels. A sum of two uniform numbers, so that small deviations are the common ones.
  mutating func addNoise(level: Int, colour: Int, using random: inout SceneRandom) {
    for pixel in 0..<(Self.side * Self.side) {
      let bits = random.next()
      let shared = Self.deviation(bits, level)
      for channel in 0..<3 {
        components[pixel * 3 + channel] +=
          shared + Self.deviation(bits >> UInt64(16 + 16 * channel), colour)
      }
    }
  }

  /// The finished picture, 3,072 bytes in height, width, channel order.
  func pixels() -> [UInt8] {
    components.map { UInt8(min(255, max(0, ($0 + 8) >> 4))) }
  }

  private mutating func blend(_ position: Int, _ level: Int, _ share: Int) {
    // `share` is out of 16 · 256.
    let kept = components[position] * (4096 - share)
    components[position] = (kept + level * Self.scale * share + 2048) >> 12
  }

  /// A deviation of at most `level` levels in 1/16 levels out of 16 bits.
  private static func deviation(_ bits: UInt64, _ level: Int) -> Int {
    let sum = Int(bits & 255) + Int((bits >> 8) & 255) - 255
    return (sum * level * scale) >> 8
  }

  private static func blurred(
    _ source: [Int], lines: Int, lineStride: Int, step: Int
  ) -> [Int] {
    var result = source
    for line in 0..<lines {
      for position in 0..<side {
        let centre = line * lineStride + position * step
        let before = position > 0 ? centre - step : centre
        let after = position < side - 1 ? centre + step : centre
        for channel in 0..<3 {
          result[centre + channel] =
            (source[before + channel] + 2 * source[centre + channel] + source[after + channel] + 2)
            >> 2
        }
      }
    }
    return result
  }
}
