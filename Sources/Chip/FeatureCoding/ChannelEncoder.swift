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
    guard !model.isUniform else {
      return try encodeUniform(from: first, to: last, into: &writer, watch)
    }
    // The same loop for each case: with one table its address stays in a register, and each reference
    // is three loads.
    return switch (source.hasOneTable, model.referenceCount) {
    case (true, 0): try encode(from: first, to: last, into: &writer, watch, OneTable<No>.self)
    case (true, 1): try encode(from: first, to: last, into: &writer, watch, OneTable<One>.self)
    case (true, 2): try encode(from: first, to: last, into: &writer, watch, OneTable<Two>.self)
    case (true, _): try encode(from: first, to: last, into: &writer, watch, OneTable<Four>.self)
    case (false, 0): try encode(from: first, to: last, into: &writer, watch, ManyTables<No>.self)
    case (false, 1): try encode(from: first, to: last, into: &writer, watch, ManyTables<One>.self)
    case (false, 2): try encode(from: first, to: last, into: &writer, watch, ManyTables<Two>.self)
    case (false, _): try encode(from: first, to: last, into: &writer, watch, ManyTables<Four>.self)
    }
  }

  /// Where all symbols have one context.
  private func encodeUniform(
    from first: Int, to last: Int, into writer: inout RangeWriter, _ watch: Int
  ) throws(CodingError) -> Int {
    let shares = cumulative + 2 &* Int(model.map[0]) &* (alphabetSize &+ 1)
    for pixel in first..<last {
      let symbol = symbol(features + pixel &* source.columnStride)
      let share = Self.share(at: shares + 2 &* symbol)
      writer.narrow(start: share.start, frequency: share.frequency)
      if _slowPath(writer.isNarrow) {
        try writer.shift()
        if writer.count >= watch { return pixel &+ 1 }
      }
    }
    return last
  }

  private func encode<Form: ChannelForm>(
    from first: Int, to last: Int, into writer: inout RangeWriter, _ watch: Int, _: Form.Type
  ) throws(CodingError) -> Int {
    let (height, width, step) = (source.shape.height, source.shape.width, source.columnStride)
    let rowStride = width &* step
    let outside = model.above[alphabetSize]
    let references = FarReferences(
      source, model, channel: channel, symbolOf: symbolOf, withOneTable: Form.hasOneTable)
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
          if _slowPath(
            code(references.sum(here, places, Form.references), &sums, here, &writer.interval))
          {
            writer.carry()
          }
          here += step
          if _slowPath(writer.isNarrow) {
            try writer.shift()
            if writer.count >= watch { return (here - features) / step }
          }
        }
      }
      while here < bulk {
        sums = sums >> 8 &+ outside
        if _slowPath(
          code(references.sum(here, places, Form.references), &sums, here, &writer.interval))
        {
          writer.carry()
        }
        here += step
        if _slowPath(writer.isNarrow) {
          try writer.shift()
          if writer.count >= watch { return (here - features) / step }
        }
      }
      if here < end {
        sums = sums >> 8 &+ outside
        if _slowPath(
          code(references.sum(here, lastPlaces, Form.references), &sums, here, &writer.interval))
        {
          writer.carry()
        }
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

  /// True if a carry reaches the bytes before.
  @inline(__always)
  private func code(
    _ far: Int, _ sums: inout UInt32, _ here: UnsafePointer<Int8>,
    _ interval: inout CodedInterval
  ) -> Bool {
    let symbol = symbol(here)
    let share = share(of: symbol, near: Int(sums & 0xFF), far: far)
    sums &+= UInt32(model.before[symbol]) << 8
    return interval.narrow(start: share.start, frequency: share.frequency)
  }

  @inline(__always)
  private func symbol(_ feature: UnsafePointer<Int8>) -> Int {
    Int(symbolOf[Int(feature.pointee)])
  }

  @inline(__always)
  private func share(of symbol: Int, near: Int, far: Int) -> (start: UInt32, frequency: UInt32) {
    let context = model.map[far &* RangeTables.nearSums &+ near]
    return Self.share(
      at: cumulative + 2 &* (Int(context) &* (alphabetSize &+ 1) &+ symbol))
  }

  /// A symbol's share, from two cumulative frequencies that lie side by side.
  @inline(__always)
  private static func share(at place: UnsafeRawPointer) -> (start: UInt32, frequency: UInt32) {
    let pair = UInt32(littleEndian: place.loadUnaligned(as: UInt32.self))
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
    return share(
      of: symbol(here), near: Int(sums & 0xFF),
      far: references.sum(here, places, RangeTables.maximumReferences))
  }
}

/// What a loop of ``ChannelEncoder`` is made for.
private protocol ChannelForm {
  static var hasOneTable: Bool { get }
  /// References that a context may have.
  static var references: Int { get }
}

private protocol ReferenceLimit {
  static var count: Int { get }
}

private enum No: ReferenceLimit { static var count: Int { 0 } }
private enum One: ReferenceLimit { static var count: Int { 1 } }
private enum Two: ReferenceLimit { static var count: Int { 2 } }
private enum Four: ReferenceLimit { static var count: Int { 4 } }

private enum OneTable<Limit: ReferenceLimit>: ChannelForm {
  static var hasOneTable: Bool { true }
  static var references: Int { Limit.count }
}

private enum ManyTables<Limit: ReferenceLimit>: ChannelForm {
  static var hasOneTable: Bool { false }
  static var references: Int { Limit.count }
}
