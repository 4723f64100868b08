#if !hasFeature(Embedded)
  /// A Huffman table as a file states it: how many codes there are of each length, and whose they are.
  struct HuffmanCodes: Sendable {
    /// Codes of 1 to 16 bits.
    let counts: [UInt8]
    /// In the order of the codes.
    let symbols: [UInt8]
    /// By symbol: the code in the low half, its length in the high one; 0 where there is none.
    let entries: [UInt32]

    /// - Precondition: as many symbols as codes, which fit their lengths.
    init(counts: [UInt8], symbols: [UInt8]) {
      precondition(counts.count == 16 && counts.reduce(0, { $0 + Int($1) }) == symbols.count)
      self.counts = counts
      self.symbols = symbols
      var entries = [UInt32](repeating: 0, count: 256)
      var code: UInt32 = 0
      var next = 0
      // Codes of a length follow one another, and the next length goes on from the last (C.2).
      for (index, count) in counts.enumerated() {
        for _ in 0..<count {
          entries[Int(symbols[next])] = UInt32(index + 1) << 16 | code
          code += 1
          next += 1
        }
        code <<= 1
      }
      self.entries = entries
    }
  }
#endif
