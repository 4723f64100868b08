extension LZWEncoder {
  /// Bytes that no `symbols` symbols of an alphabet can exceed.
  ///
  /// Every code but an epoch's last puts an entry in the dictionary that was not there: its own
  /// string and one symbol more. There are alphabetSize^(n+1) of those for strings of n symbols, so
  /// no epoch can have more codes of n symbols than that, and the most codes for the fewest symbols
  /// are had by taking all the strings of one symbol, then of two, and so on. Three bits a symbol
  /// in, an alphabet of eight never takes more than about four out. So many symbols that the sum
  /// could leave the range of `Int` give `Int.max`.
  public static func worstCaseBytes(symbols: Int, alphabetSize: Int) -> Int {
    worstCaseBytes(symbols: symbols, alphabetSize: alphabetSize, codeLimit: LZW.codeLimit)
  }

  static func worstCaseBytes(symbols: Int, alphabetSize: Int, codeLimit: Int) -> Int {
    precondition(symbols >= 0 && LZW.alphabetSizes.contains(alphabetSize))
    // No code has more than 12 bits, so that this keeps the sum in range.
    guard symbols < Int.max / 16 else { return .max }
    let epoch = LZW.codesPerEpoch(alphabetSize: alphabetSize, codeLimit: codeLimit)
    let full = mostCodes(symbols: .max, alphabetSize: alphabetSize, limit: epoch)
    let epochs = symbols / full.symbols
    let rest = mostCodes(
      symbols: symbols % full.symbols, alphabetSize: alphabetSize, limit: epoch)
    let bits =
      epochs * bitCount(codes: full.codes, alphabetSize: alphabetSize)
      + bitCount(codes: rest.codes, alphabetSize: alphabetSize)
    return (bits + 7) / 8
  }

  /// The most codes, `limit` at most, that `symbols` symbols can take in one epoch, and the fewest
  /// symbols that take so many.
  private static func mostCodes(
    symbols: Int, alphabetSize: Int, limit: Int
  ) -> (codes: Int, symbols: Int) {
    guard symbols > 0 else { return (0, 0) }
    // The epoch's last code puts nothing in the dictionary: it is one symbol, whatever came before.
    var codes = 1
    var used = 1
    var length = 1
    var strings = alphabetSize * alphabetSize
    while codes < limit, symbols - used >= length {
      let more = min(min(strings, limit - codes), (symbols - used) / length)
      codes += more
      used += more * length
      length += 1
      // More strings than codes are as good as no bound.
      strings = min(strings, limit) * alphabetSize
    }
    return (codes, used)
  }

  /// Bits of the first `codes` codes of an epoch.
  private static func bitCount(codes: Int, alphabetSize: Int) -> Int {
    var bits = 0
    var done = 0
    while done < codes {
      let size = alphabetSize + done
      let width = LZW.codeWidth(dictionarySize: size)
      let alike = min(codes - done, (1 << width) - size + 1)
      bits += alike * width
      done += alike
    }
    return bits
  }
}
