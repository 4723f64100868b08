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
    precondition(source.shape == shape && limit <= shape.count)
    while symbolsCoded < limit {
      let pixel = symbolsCoded % shape.plane
      let row = pixel / shape.width
      let first = pixel % shape.width
      let last = min(shape.width, first + limit - symbolsCoded)
      let stop = try encodeRow(
        source, channel: symbolsCoded / shape.plane, row: row, columns: first..<last,
        settling: settling, budget: budget)
      if let stop { return stop }
    }
    return .symbols
  }

  /// Codes a piece of a row.
  private mutating func encodeRow(
    _ source: SymbolSource, channel: Int, row: Int, columns: Range<Int>, settling: Int, budget: Int
  ) throws(CodingError) -> EncodingStop? {
    let alphabetSize = tables.alphabetSize
    let context = tables.channel(channel)
    let table = source.table(ofChannel: channel)
    let step = source.columnStride
    let outside = context.rows + alphabetSize * RangeTables.columns
    let here = source.features + (row * shape.width * step + channel * source.channelStride)
    let above = here - shape.width * step

    func rowOf(_ feature: UnsafePointer<UInt8>) -> UnsafePointer<UInt16> {
      context.rows + Int(table[Int(feature.pointee ^ 0x80)]) * RangeTables.columns
    }
    let first = columns.lowerBound
    var left = first > 0 ? rowOf(here + (first - 1) * step) : outside
    var upperLeft = row > 0 && first > 0 ? rowOf(above + (first - 1) * step) : outside
    var upper = row > 0 ? rowOf(above + first * step) : outside
    for column in columns {
      let upperRight =
        row > 0 && column + 1 < shape.width ? rowOf(above + (column + 1) * step) : outside
      let feature = here + column * step
      var sum = Int(left[0]) + Int(upper[1]) + Int(upperLeft[2]) + Int(upperRight[3])
      for index in 0..<context.referenceCount {
        let reference = Int(context.references[index])
        let symbol = source.table(ofChannel: reference)[
          Int((feature - (channel - reference) * source.channelStride).pointee ^ 0x80)]
        sum += Int(context.rows[Int(symbol) * RangeTables.columns + 4 + index])
      }
      let cumulative = tables.cumulative(context: context.map[sum])
      let symbol = Int(table[Int(feature.pointee ^ 0x80)])
      guard symbol < alphabetSize else {
        throw .symbolOutOfRange(symbol: UInt8(symbol), alphabetSize: alphabetSize)
      }
      let start = UInt32(cumulative[symbol])
      let frequency = UInt32(cumulative[symbol + 1]) - start
      if writer.finishedSize(start: start, frequency: frequency) > budget { return .budget }
      try writer.put(start: start, frequency: frequency)
      symbolsCoded += 1
      upperLeft = upper
      upper = upperRight
      left = context.rows + symbol * RangeTables.columns
      if writer.count > settling, writer.settledBytes >= settling { return .settled }
    }
    return nil
  }
}
