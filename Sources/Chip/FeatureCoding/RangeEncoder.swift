/// Codes symbols by a range coder whose frequencies depend on the neighbours that are coded already.
///
/// It keeps no symbols and needs no workspace: a neighbour's symbol is looked up in the features
/// again. Nothing is allocated and nothing divided, but to find the place where a call goes on.
public struct RangeEncoder {
  public let shape: SymbolShape
  private let tables: RangeTables
  private var writer = RangeWriter(UnsafeMutableRawBufferPointer(start: nil, count: 0))
  /// Symbols coded so far.
  public private(set) var symbolsCoded = 0

  /// - Throws: ``CodingError/tablesMismatch``.
  public init(shape: SymbolShape, alphabetSize: Int, tables: RangeTables) throws(CodingError) {
    guard tables.channels == shape.channels, tables.alphabetSize == alphabetSize else {
      throw .tablesMismatch
    }
    self.shape = shape
    self.tables = tables
  }

  public mutating func begin(_ output: UnsafeMutableRawBufferPointer) {
    writer = RangeWriter(output)
    symbolsCoded = 0
  }

  public var settledBytes: Int { writer.settledBytes }
  public var finishedSize: Int { writer.finishedSize }
  public mutating func take(_ bytes: Int) { writer.take(bytes) }
  public mutating func finish() throws(CodingError) -> Int { try writer.finish() }

  /// As ``SymbolEncoder/encode(_:to:settling:budget:)``.
  public mutating func encode(
    _ source: SymbolSource, to limit: Int, settling: Int, budget: Int
  ) throws(CodingError) -> EncodingStop {
    precondition(source.shape == shape && limit <= shape.count && settling > 0)
    guard source.alphabetSize == tables.alphabetSize else { throw .tablesMismatch }
    while symbolsCoded < limit {
      let channel = symbolsCoded / shape.plane
      guard let encoder = ChannelEncoder(source, tables: tables, channel: channel) else {
        throw .tablesMismatch
      }
      let first = symbolsCoded &- channel &* shape.plane
      let last = min(shape.plane, first &+ limit &- symbolsCoded)
      // A symbol puts out two bytes at most, and the end one: near the budget, one at a time.
      let watch = min(settling, budget &- writer.taken &- 3)
      if writer.count >= watch {
        guard writer.settledBytes < settling else { return .settled }
        let (start, frequency) = encoder.share(ofPixel: first)
        guard writer.finishedSize(start: start, frequency: frequency) <= budget else {
          return .budget
        }
        writer.narrow(start: start, frequency: frequency)
        if writer.isNarrow { try writer.shift() }
        symbolsCoded &+= 1
      } else {
        let next = try encoder.encode(from: first, to: last, into: &writer, watch: watch)
        symbolsCoded &+= next &- first
      }
    }
    return writer.settledBytes >= settling ? .settled : .symbols
  }
}
