/// The forward cosine transform of 8x8 samples in whole numbers: eleven multiplications a row (Loeffler,
/// Ligtenberg and Moschytz, "Practical fast 1-D DCT algorithms with 11 multiplications", 1989), constants
/// of 13 bits, and two more bits between the passes.
///
/// The coefficients are eight times those of ITU-T T.81, A.3.3. libjpeg's accurate integer transform
/// has the same rounding, so that its files can be compared bit by bit.
enum ForwardDCT {
  private static let constantBits: Int32 = 13
  private static let extraBits: Int32 = 2

  /// - Parameter block: 64 samples around 0, row by row; the coefficients take their place.
  static func transform(_ block: UnsafeMutablePointer<Int32>) {
    for row in 0..<8 {
      pass(block + 8 * row, stride: 1, up: extraBits, down: constantBits - extraBits)
    }
    for column in 0..<8 {
      pass(block + column, stride: 8, up: -extraBits, down: constantBits + extraBits)
    }
  }

  /// - Parameters:
  ///   - up: bits that the sums gain, or lose with rounding below zero.
  ///   - down: bits that the products lose, with rounding.
  @inline(__always)
  private static func pass(
    _ line: UnsafeMutablePointer<Int32>, stride: Int, up: Int32, down: Int32
  ) {
    @inline(__always)
    func value(_ index: Int) -> Int32 { line[index &* stride] }
    @inline(__always)
    func store(_ index: Int, _ value: Int32) { line[index &* stride] = value }
    @inline(__always)
    func rounded(_ value: Int32, _ bits: Int32) -> Int32 { (value &+ (1 << (bits &- 1))) >> bits }
    @inline(__always)
    func scaled(_ value: Int32) -> Int32 { up > 0 ? value << up : rounded(value, -up) }

    let (sum0, odd3) = (value(0) &+ value(7), value(0) &- value(7))
    let (sum1, odd2) = (value(1) &+ value(6), value(1) &- value(6))
    let (sum2, odd1) = (value(2) &+ value(5), value(2) &- value(5))
    let (sum3, odd0) = (value(3) &+ value(4), value(3) &- value(4))

    let (even0, even3) = (sum0 &+ sum3, sum0 &- sum3)
    let (even1, even2) = (sum1 &+ sum2, sum1 &- sum2)
    store(0, scaled(even0 &+ even1))
    store(4, scaled(even0 &- even1))
    let turned = (even2 &+ even3) &* 4433  // 0.541196100
    store(2, rounded(turned &+ even3 &* 6270, down))  // 0.765366865
    store(6, rounded(turned &- even2 &* 15137, down))  // 1.847759065

    let all = (odd0 &+ odd1 &+ odd2 &+ odd3) &* 9633  // 1.175875602
    let outer = (odd0 &+ odd3) &* -7373  // 0.899976223
    let inner = (odd1 &+ odd2) &* -20995  // 2.562915447
    let first = all &- (odd0 &+ odd2) &* 16069  // 1.961570560
    let second = all &- (odd1 &+ odd3) &* 3196  // 0.390180644
    store(7, rounded(odd0 &* 2446 &+ outer &+ first, down))  // 0.298631336
    store(5, rounded(odd1 &* 16819 &+ inner &+ second, down))  // 2.053119869
    store(3, rounded(odd2 &* 25172 &+ inner &+ first, down))  // 3.072711026
    store(1, rounded(odd3 &* 12299 &+ outer &+ second, down))  // 1.501321110
  }
}
