/// Decodes what ``RangeEncoder`` writes, as far as the bytes that came say it for certain.
///
/// A symbol is certain if it is the same with all bytes to come 0 and all of them 255. Time:
/// O(payload bytes + symbols · log alphabet), whatever the payload.
public struct RangeDecoder {
  public let shape: SymbolShape
  private let tables: RangeTables
  private var symbols = UnsafeMutablePointer<UInt8>(bitPattern: 1).unsafelyUnwrapped
  /// Symbols that the bytes so far say for certain.
  public private(set) var symbolsDecoded = 0

  private var reader = RangeReader()

  /// - Throws: ``CodingError/tablesMismatch``.
  public init(shape: SymbolShape, alphabetSize: Int, tables: RangeTables) throws(CodingError) {
    guard tables.channels == shape.channels, tables.alphabetSize == alphabetSize else {
      throw .tablesMismatch
    }
    self.shape = shape
    self.tables = tables
  }

  /// Begins a payload whose symbols go to `output`, [channels,height,width], one byte each.
  public mutating func begin(into output: UnsafeMutableRawBufferPointer) throws(CodingError) {
    guard output.count >= shape.count, let base = output.baseAddress else {
      throw .outputTooSmall(capacity: output.count)
    }
    symbols = base.assumingMemoryBound(to: UInt8.self)
    symbolsDecoded = 0
    reader = RangeReader()
  }

  /// Takes the payload's next bytes and decodes every symbol that they make certain.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CodingError) {
    reader.feed(bytes)
    defer { reader.release() }
    try decode(upTo: shape.count, whole: false)
  }

  /// Takes the payload's last bytes and ends it after exactly `symbols` symbols.
  public mutating func finish(
    _ bytes: UnsafeRawBufferPointer, symbols: Int
  ) throws(CodingError) {
    guard symbols >= 0, symbols <= shape.count else {
      throw .outputTooSmall(capacity: shape.count)
    }
    guard symbols >= symbolsDecoded else { throw .overrun(symbolCount: symbols) }
    reader.feed(bytes)
    defer { reader.release() }
    try decode(upTo: symbols, whole: true)
    try reader.checkEnd(symbols: symbols)
  }

  private mutating func decode(upTo limit: Int, whole: Bool) throws(CodingError) {
    while symbolsDecoded < limit {
      let channel = symbolsDecoded / shape.plane
      let pixel = symbolsDecoded % shape.plane
      let row = pixel / shape.width
      let first = pixel % shape.width
      let last = min(shape.width, first + limit - symbolsDecoded)
      guard
        try decodeRow(channel: channel, row: row, columns: first..<last, whole: whole)
      else { return }
    }
  }

  /// Decodes a piece of a row; false if the bytes that came do not say the next symbol.
  private mutating func decodeRow(
    channel: Int, row: Int, columns: Range<Int>, whole: Bool
  ) throws(CodingError) -> Bool {
    let model = tables.channel(channel)
    let alphabetSize = tables.alphabetSize
    let width = shape.width
    let here = symbols + (channel &* shape.plane &+ row &* width)
    let above = here - width
    func symbol(_ line: UnsafeMutablePointer<UInt8>, _ column: Int, isThere: Bool) -> Int {
      isThere && column >= 0 && column < width ? Int(line[column]) : alphabetSize
    }
    let lines = (
      line(model, 0, channel, row), line(model, 1, channel, row), line(model, 2, channel, row),
      line(model, 3, channel, row)
    )
    var decoded = 0
    var state = reader
    defer {
      reader = state
      symbolsDecoded &+= decoded
    }
    let first = columns.lowerBound
    var sums: UInt32 = 0
    for before in first &- 3..<first {
      sums = sums >> 8 &+ model.above[symbol(above, before &+ 1, isThere: row > 0)]
      sums &+= UInt32(model.before[symbol(here, before, isThere: true)]) << 8
    }
    @inline(__always)
    func cumulative(_ column: Int) -> UnsafePointer<UInt16> {
      let isLast = column &+ 1 == width
      sums = sums >> 8 &+ model.above[row > 0 && !isLast ? Int(above[column &+ 1]) : alphabetSize]
      var far: UInt32 = 0
      if model.referenceCount > 0 {
        func word(_ line: Line) -> UInt32 {
          model.far[Int(line.symbols[column &+ (isLast ? 0 : line.right)])]
        }
        far = word(lines.0) & 0xFF
        far &+= word(lines.1) >> 8 & 0xFF
        far &+= word(lines.2) >> 16 & 0xFF
        far &+= word(lines.3) >> 24
      }
      return tables.cumulative(
        context: model.map[Int(far) &* RangeTables.nearSums &+ Int(sums & 0xFF)])
    }
    var column = first
    // As long as bytes abound nothing can be uncertain.
    if state.isAhead, alphabetSize <= RangeReader.fewSymbols {
      var fast = RangeReader.Fast(state)
      defer { fast.store(to: &state) }
      while column < columns.upperBound, fast.isAhead {
        guard let symbol = fast.next(cumulative(column), alphabetSize: alphabetSize) else {
          throw .undefinedRange(symbolsDecoded: symbolsDecoded &+ decoded)
        }
        here[column] = UInt8(truncatingIfNeeded: symbol)
        column &+= 1
        decoded &+= 1
        sums &+= UInt32(model.before[symbol]) << 8
      }
    }
    for column in column..<columns.upperBound {
      switch state.next(cumulative(column), alphabetSize: alphabetSize, whole: whole) {
      case .symbol(let symbol):
        here[column] = UInt8(truncatingIfNeeded: symbol)
        decoded &+= 1
        sums &+= UInt32(model.before[symbol]) << 8
      case .uncertain: return false
      case .none: throw .undefinedRange(symbolsDecoded: symbolsDecoded &+ decoded)
      }
    }
    return true
  }

  /// Where a reference's symbols for a row are.
  private typealias Line = (symbols: UnsafePointer<UInt8>, right: Int)

  /// The first reference's in place of one that is not there, whose symbols add nothing; of no
  /// meaning where there is none at all.
  @inline(__always)
  private func line(
    _ model: RangeTables.Channel, _ index: Int, _ channel: Int, _ row: Int
  ) -> Line {
    let reference = model.reference(index < model.referenceCount ? index : 0, ofChannel: channel)
    let line = min(max(row &+ reference.down, 0), shape.height &- 1)
    return (
      UnsafePointer(symbols) + (reference.channel &* shape.plane &+ line &* shape.width),
      reference.right
    )
  }
}
