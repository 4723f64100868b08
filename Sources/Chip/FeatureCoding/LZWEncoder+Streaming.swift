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
    guard source.alphabetSize == alphabetSize else { throw .tablesMismatch }
    var stop = EncodingStop.symbols
    precondition(limit <= source.shape.count && settling > 0)
    // What is held, the code that is pending and the one after it are four bytes at most.
    let watch = min(settling, budget &- writer.taken &- 4)
    try source.forEachSymbol(from: symbolsCoded, to: limit) { (symbol) throws(CodingError) in
      if writer.byteCount >= watch {
        guard writer.byteCount < settling else { return false }
        guard finishedSize(after: symbol) <= budget else {
          stop = .budget
          return false
        }
      }
      try append(symbol)
      return true
    }
    return writer.byteCount >= settling ? .settled : stop
  }

  /// The bytes of the payload if it ended after this symbol.
  private func finishedSize(after symbol: UInt8) -> Int {
    guard pending >= 0 else { return writer.size(with: pendingWidth) }
    if child(of: pending, symbol: symbol) != 0 { return finishedSize }
    return writer.size(with: pendingWidth + nextWidth)
  }
}
