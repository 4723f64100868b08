/// What coding a JPEG's scan costs, in cycles.
public struct JPEGCost: Equatable, Sendable {
  /// For each pixel: its colours converted, and the means of those of which one is kept for four.
  public let perPixel: Double
  /// For each block of 8x8 samples: transformed, divided and scanned.
  public let perBlock: Double
  /// For each byte that it gives out: coefficients that are not zero, and their codes.
  public let perByte: Double

  init(reading node: ConfigNode) throws(ConfigError) {
    let keys = try node.mapping(required: ["pixel", "block", "byte"])
    perPixel = try keys.value("pixel").number(in: 0...1e9)
    perBlock = try keys.value("block").number(in: 0...1e9)
    perByte = try keys.value("byte").number(in: 0...1e9)
  }
}
