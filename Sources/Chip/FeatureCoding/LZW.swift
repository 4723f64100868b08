/// The constants of the LZW code that `docs/protocol.md` specifies.
///
/// The dictionary begins as the alphabet. Before each code it has exactly the entries that the
/// code may name, so a code takes as many bits as the largest of them needs, at least one. When a
/// code has been written out of a dictionary of ``codeLimit`` entries, the dictionary begins anew.
///
/// T. Welch, "A Technique for High-Performance Data Compression", IEEE Computer 17(6), 1984.
public enum LZW {
  /// Entries of the largest dictionary: codes take 12 bits at most.
  public static let codeLimit = 4096
  /// The alphabets that can be coded; a symbol is one byte.
  public static let alphabetSizes = 1...256

  /// Bits of a code out of a dictionary of `size` entries.
  static func codeWidth(dictionarySize size: Int) -> Int {
    max(1, Int.bitWidth - (size - 1).leadingZeroBitCount)
  }

  /// Codes from one beginning of the dictionary to the next.
  static func codesPerEpoch(alphabetSize: Int, codeLimit: Int) -> Int {
    codeLimit - alphabetSize + 1
  }
}
