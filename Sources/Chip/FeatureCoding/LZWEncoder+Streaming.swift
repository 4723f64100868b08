extension LZWEncoder {
  /// Bytes that are whole, and so can be sent.
  public var settledBytes: Int { writer.byteCount }

  /// The bytes of the payload if it ended now.
  public var finishedSize: Int { writer.size(with: pending < 0 ? 0 : pendingWidth) }

  /// Forgets the first settled bytes and moves the others to the output's beginning.
  public mutating func take(_ bytes: Int) { writer.take(bytes) }

  /// As ``SymbolEncoder/encode(_:to:settling:budget:)``.
  public mutating func encode(
    _ source: SymbolSource, to limit: Int, settling: Int, budget: Int
  ) throws(CodingError) -> EncodingStop {
    var stop = EncodingStop.symbols
    try source.forEachSymbol(from: symbolsCoded, to: limit) { (symbol) throws(CodingError) in
      // A symbol adds two codes at most, as if the one before it were written and it were another.
      if finishedSize + 3 > budget, finishedSize(after: symbol) > budget {
        stop = .budget
        return false
      }
      try append(symbol)
      guard writer.byteCount < settling else {
        stop = .settled
        return false
      }
      return true
    }
    return stop
  }

  /// The bytes of the payload if it ended after this symbol.
  private func finishedSize(after symbol: UInt8) -> Int {
    guard pending >= 0 else { return writer.size(with: pendingWidth) }
    if child(of: pending, symbol: symbol) != 0 { return finishedSize }
    return writer.size(with: pendingWidth + nextWidth)
  }
}
