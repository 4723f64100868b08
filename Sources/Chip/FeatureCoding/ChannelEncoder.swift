/// One channel's symbols, coded with the frequencies that their neighbours give them.
///
/// The inner loop of the encoder. The sums over the near neighbours lie in the bytes of a word: the
/// lowest is the next symbol's, and those above it gather what is known for the symbols after it.
struct ChannelEncoder {
  private let source: SymbolSource
  private let channel: Int
  private let features: UnsafePointer<Int8>
  private let symbolOf: UnsafePointer<UInt8>
  private let model: RangeTables.Channel
  private let alphabetSize: Int
  private let cumulative: UnsafeRawPointer

  /// - Returns: nil if the source has no tables.
  @inline(__always)
  init?(_ source: SymbolSource, tables: RangeTables, channel: Int) {
    guard let symbolOf = source.table(ofChannel: channel) else { return nil }
    self.source = source
    self.channel = channel
    features = source.features + source.offset(ofChannel: channel)
    self.symbolOf = symbolOf
    model = tables.channel(channel)
    alphabetSize = tables.alphabetSize
    cumulative = UnsafeRawPointer(tables.cumulative(context: 0))
  }

  /// Codes pixels of the plane until `watch` bytes are in the output, and returns the next pixel.
  func encode(
    from first: Int, to last: Int, into writer: inout RangeWriter, watch: Int
  ) throws(CodingError) -> Int {
    // The same loop twice: with one table its address stays in a register, an eighth of the time.
    source.hasOneTable
      ? try encode(from: first, to: last, into: &writer, watch: watch, withOneTable: true)
      : try encode(from: first, to: last, into: &writer, watch: watch, withOneTable: false)
  }

  @inline(__always)
  private func encode(
    from first: Int, to last: Int, into writer: inout RangeWriter, watch: Int,
    withOneTable: Bool
  ) throws(CodingError) -> Int {
    let (height, width, step) = (source.shape.height, source.shape.width, source.columnStride)
    let rowStride = width &* step
    let outside = model.above[alphabetSize]
    let references = FarReferences(
      source, model, channel: channel, symbolOf: symbolOf, withOneTable: withOneTable)
    // What the left edge adds to the sums of a row's first symbols.
    let edge = edgeSums
    var row = first / width
    var here = features + first &* step
    let end = features + last &* step
    var rowEnd = features + (row &+ 1) &* rowStride
    var places = references.places(source, channel: channel, row: row, isLast: false)
    var lastPlaces = references.places(source, channel: channel, row: row, isLast: true)
    while here < end {
      var sums: UInt32
      if here == rowEnd - rowStride {
        sums = edge &+ (row > 0 ? model.above[symbol(here - rowStride)] : outside)
      } else {
        sums = nearSums(row: row, column: width &- (rowEnd - here) / step)
      }
      // The last of a row has no upper right and nothing at its right.
      let bulk = min(end, rowEnd - step)
      if row > 0 {
        while here < bulk {
          sums = sums >> 8 &+ model.above[symbol(here + (step &- rowStride))]
          code(references.sum(here, places), &sums, here, &writer)
          here += step
          if _slowPath(writer.isNarrow) {
            try writer.shift()
            if writer.count >= watch { return (here - features) / step }
          }
        }
      }
      while here < bulk {
        sums = sums >> 8 &+ outside
        code(references.sum(here, places), &sums, here, &writer)
        here += step
        if _slowPath(writer.isNarrow) {
          try writer.shift()
          if writer.count >= watch { return (here - features) / step }
        }
      }
      if here < end {
        sums = sums >> 8 &+ outside
        code(references.sum(here, lastPlaces), &sums, here, &writer)
        here += step
        if _slowPath(writer.isNarrow) {
          try writer.shift()
          if writer.count >= watch { return (here - features) / step }
        }
      }
      row &+= 1
      rowEnd += rowStride
      if row == 1 || row &+ 1 >= height {
        places = references.places(source, channel: channel, row: row, isLast: false)
        lastPlaces = references.places(source, channel: channel, row: row, isLast: true)
      }
    }
    return last
  }

  @inline(__always)
  private func code(
    _ far: Int, _ sums: inout UInt32, _ here: UnsafePointer<Int8>, _ writer: inout RangeWriter
  ) {
    let symbol = symbol(here)
    let share = share(of: symbol, near: Int(sums & 0xFF), far: far)
    sums &+= UInt32(model.before[symbol]) << 8
    writer.narrow(start: share.start, frequency: share.frequency)
  }

  @inline(__always)
  private func symbol(_ feature: UnsafePointer<Int8>) -> Int {
    Int(symbolOf[Int(feature.pointee)])
  }

  @inline(__always)
  private func share(of symbol: Int, near: Int, far: Int) -> (start: UInt32, frequency: UInt32) {
    let context = model.map[far &* RangeTables.nearSums &+ near]
    let pair = UInt32(
      littleEndian: cumulative.loadUnaligned(
        fromByteOffset: 2 &* (Int(context) &* (alphabetSize &+ 1) &+ symbol), as: UInt32.self))
    let start = pair & 0xFFFF
    return (start, (pair >> 16) &- start)
  }

  /// The sums before a symbol, without its upper right neighbour.
  @inline(never)
  private func nearSums(row: Int, column: Int) -> UInt32 {
    let (width, step) = (source.shape.width, source.columnStride)
    func symbol(_ row: Int, _ column: Int) -> Int {
      guard row >= 0, column >= 0, column < width else { return alphabetSize }
      return self.symbol(features + (row &* width &+ column) &* step)
    }
    var sums: UInt32 = 0
    for before in column &- 3..<column {
      sums = sums >> 8 &+ model.above[symbol(row &- 1, before &+ 1)]
      sums &+= UInt32(model.before[symbol(row, before)]) << 8
    }
    return sums
  }

  /// The same before a row's first symbol, without its upper neighbour.
  private var edgeSums: UInt32 {
    let above = model.above[alphabetSize]
    let before = UInt32(model.before[alphabetSize]) << 8
    let first = above &+ before
    return (first >> 8 &+ above &+ before) >> 8 &+ before
  }

  /// A single symbol's share.
  func share(ofPixel pixel: Int) -> (start: UInt32, frequency: UInt32) {
    let (width, step) = (source.shape.width, source.columnStride)
    let row = pixel / width
    let column = pixel % width
    let here = features + pixel &* step
    let isLast = column &+ 1 == width
    let upperRight =
      row > 0 && !isLast ? symbol(here + (step &- width &* step)) : alphabetSize
    let sums = nearSums(row: row, column: column) >> 8 &+ model.above[upperRight]
    let references = FarReferences(
      source, model, channel: channel, symbolOf: symbolOf, withOneTable: source.hasOneTable)
    let places = references.places(source, channel: channel, row: row, isLast: isLast)
    return share(of: symbol(here), near: Int(sums & 0xFF), far: references.sum(here, places))
  }
}
