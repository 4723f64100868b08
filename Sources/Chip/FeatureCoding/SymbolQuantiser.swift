/// Turns int8 features into symbols through tables of 256 entries that training wrote.
///
/// Features lie as the kernels leave them: row, column, channel. Symbols go channel, row, column,
/// one byte each: the values of one channel are alike, which LZW feeds on.
public struct SymbolQuantiser {
  public let height: Int
  public let width: Int
  public let channels: Int
  private let tables: UnsafeRawBufferPointer?

  static let tableSize = 256

  /// - Parameters:
  ///   - height: rows of the features.
  ///   - width: columns of the features.
  ///   - channels: channels of the features.
  ///   - tables: one table of 256 symbols for all channels or one after another for each, indexed
  ///     by the int8 value + 128; it must outlive the quantiser. nil: the symbol is the value's own
  ///     byte, in two's complement.
  public init(height: Int, width: Int, channels: Int, tables: UnsafeRawBufferPointer?) {
    precondition(height > 0 && width > 0 && channels > 0)
    precondition(
      tables.map { $0.count == Self.tableSize || $0.count == Self.tableSize * channels } ?? true)
    self.height = height
    self.width = width
    self.channels = channels
    self.tables = tables
  }

  /// Features, and so symbols, of one image.
  public var symbolCount: Int { height * width * channels }

  /// Writes one symbol for each feature.
  ///
  /// - Parameters:
  ///   - features: int8 [height,width,channels].
  ///   - symbols: at least ``symbolCount`` bytes, apart from `features`.
  public func quantise(
    features: UnsafeRawBufferPointer, into symbols: UnsafeMutableRawBufferPointer
  ) throws(CodingError) {
    guard symbols.count >= symbolCount else { throw .outputTooSmall(capacity: symbols.count) }
    var index = 0
    try forEachSymbol(of: features) { (symbol) throws(CodingError) in
      symbols[index] = symbol
      index += 1
    }
  }

  /// Quantises and compresses in one pass, with no buffer for the symbols, and returns the bytes
  /// written to `output`.
  public func encode(
    features: UnsafeRawBufferPointer, with encoder: inout LZWEncoder,
    into output: UnsafeMutableRawBufferPointer
  ) throws(CodingError) -> Int {
    encoder.begin(output)
    try forEachSymbol(of: features) { (symbol) throws(CodingError) in
      try encoder.append(symbol)
    }
    return try encoder.finish()
  }

  @inline(__always)
  private func forEachSymbol(
    of features: UnsafeRawBufferPointer, _ take: (UInt8) throws(CodingError) -> Void
  ) throws(CodingError) {
    guard features.count == symbolCount else {
      throw .lengthMismatch(expected: symbolCount, found: features.count)
    }
    for channel in 0..<channels {
      let table = table(ofChannel: channel)
      for index in stride(from: channel, to: features.count, by: channels) {
        let value = features[index]
        if let table {
          // The table is indexed by the value + 128: its byte with the sign bit turned.
          try take(table[Int(value ^ 0x80)])
        } else {
          try take(value)
        }
      }
    }
  }

  private func table(ofChannel channel: Int) -> UnsafeRawBufferPointer? {
    guard let tables else { return nil }
    let start = tables.count == Self.tableSize ? 0 : channel * Self.tableSize
    return UnsafeRawBufferPointer(rebasing: tables[start..<start + Self.tableSize])
  }
}
