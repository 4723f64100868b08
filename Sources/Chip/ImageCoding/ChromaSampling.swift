/// How often colour is kept, beside brightness.
///
/// The raw value is the number of brightness samples for one of colour along each axis.
public enum ChromaSampling: UInt8, CaseIterable, Sendable {
  /// 4:4:4: colour for every pixel; a minimum coded unit is 8x8 pixels, three blocks.
  case full = 1
  /// 4:2:0: one colour for 2x2 pixels; a minimum coded unit is 16x16 pixels, six blocks.
  case half = 2

  /// Brightness samples for one of colour along each axis.
  public var factor: Int { Int(rawValue) }
  /// Pixels of a minimum coded unit along each axis.
  public var unitSide: Int { 8 * factor }
  /// Blocks of 8x8 samples in a minimum coded unit.
  public var blocksPerUnit: Int { factor * factor + 2 }
}
