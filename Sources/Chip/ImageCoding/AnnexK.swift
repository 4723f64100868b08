#if !hasFeature(Embedded)
  /// The typical tables of ITU-T T.81, annex K, and the zigzag order of its figure A.6.
  enum AnnexK {
    /// The place in a block, row by row, of each coefficient.
    static let zigzag: [Int] = {
      var order: [Int] = []
      for diagonal in 0..<15 {
        let rows = max(0, diagonal - 7)...min(7, diagonal)
        // Even diagonals go up.
        let down = rows.map { 8 * $0 + diagonal - $0 }
        order += diagonal % 2 == 0 ? down.reversed() : down
      }
      return order
    }()

    /// Table K.1, row by row.
    static let brightnessSteps = [
      16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
      14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
      18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
      49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ]

    /// Table K.2, row by row.
    static let colourSteps = [
      17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
      24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
      99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
      99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    ]

    /// Table K.3.
    static let brightnessDirect = HuffmanCodes(
      counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], symbols: Array(0...11))

    /// Table K.4.
    static let colourDirect = HuffmanCodes(
      counts: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], symbols: Array(0...11))

    /// Table K.5.
    static let brightnessAlternating = HuffmanCodes(
      counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
      symbols: withRareSymbols([
        0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61,
        0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52,
        0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0A, 0x16,
      ]))

    /// Table K.6.
    static let colourAlternating = HuffmanCodes(
      counts: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
      symbols: withRareSymbols([
        0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61,
        0x71, 0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33,
        0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1, 0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1,
      ]))

    /// Tables K.5 and K.6 list their frequent symbols first; the others follow in ascending order.
    private static func withRareSymbols(_ frequent: [UInt8]) -> [UInt8] {
      let pairs = (0..<16).flatMap { run in (1...10).map { UInt8(run << 4 | $0) } }
      return frequent + ([0x00, 0xF0] + pairs).filter { !frequent.contains($0) }
    }
  }
#endif
