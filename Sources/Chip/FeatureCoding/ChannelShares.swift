/// One channel's symbols as shares of the total: the frequencies that their neighbours give them.
///
/// The inner loop that looks things up; ``RangeWriter`` has the one that computes. Together they need
/// more registers than the core has. The sums over the near neighbours lie in the bytes of a word: the
/// lowest is the next symbol's, and those above it gather what is known for the symbols after it.
struct ChannelShares {
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

  /// Looks up rows, the next after those before or the channel's first.
  ///
  /// - Parameters:
  ///   - above: what each symbol of the row before adds to the near sums, and one word more; kept from
  ///     call to call.
  ///   - shares: gets one for each symbol of the rows.
  func fill(
    rows: Range<Int>, above: UnsafeMutablePointer<UInt32>, shares: UnsafeMutablePointer<UInt32>
  ) {
    guard !model.isUniform else { return fillUniform(rows: rows, shares: shares) }
    if rows.lowerBound == 0 {
      let outside = model.above[alphabetSize]
      for column in 0...source.shape.width { above[column] = outside }
    }
    switch model.referenceCount {
    case 0: fillWithNone(rows: rows, above, shares)
    case 1: fillWithOne(rows: rows, above, shares)
    case 2: fillWithTwo(rows: rows, above, shares)
    default: fillWithFour(rows: rows, above, shares)
    }
  }

  // The same loop for each number of references: a reference is three loads and two registers. Calls,
  // because the compiler would make one loop with branches of them.

  @inline(never)
  private func fillWithNone(
    rows: Range<Int>, _ above: UnsafeMutablePointer<UInt32>,
    _ shares: UnsafeMutablePointer<UInt32>
  ) {
    fill(rows: rows, above, shares, references: 0)
  }

  @inline(never)
  private func fillWithOne(
    rows: Range<Int>, _ above: UnsafeMutablePointer<UInt32>,
    _ shares: UnsafeMutablePointer<UInt32>
  ) {
    fill(rows: rows, above, shares, references: 1)
  }

  @inline(never)
  private func fillWithTwo(
    rows: Range<Int>, _ above: UnsafeMutablePointer<UInt32>,
    _ shares: UnsafeMutablePointer<UInt32>
  ) {
    fill(rows: rows, above, shares, references: 2)
  }

  @inline(never)
  private func fillWithFour(
    rows: Range<Int>, _ above: UnsafeMutablePointer<UInt32>,
    _ shares: UnsafeMutablePointer<UInt32>
  ) {
    fill(rows: rows, above, shares, references: RangeTables.maximumReferences)
  }

  /// Where all symbols have one context.
  private func fillUniform(rows: Range<Int>, shares: UnsafeMutablePointer<UInt32>) {
    let context = cumulative + 2 &* Int(model.map[0]) &* (alphabetSize &+ 1)
    let width = source.shape.width
    var here = features + rows.lowerBound &* width &* source.columnStride
    for index in 0..<rows.count &* width {
      shares[index] = Self.share(at: context + 2 &* symbol(here))
      here += source.columnStride
    }
  }

  @inline(__always)
  private func fill(
    rows: Range<Int>, _ above: UnsafeMutablePointer<UInt32>,
    _ shares: UnsafeMutablePointer<UInt32>, references count: Int
  ) {
    let (height, width, step) = (source.shape.height, source.shape.width, source.columnStride)
    let references = FarReferences(
      source, model, channel: channel, symbolOf: symbolOf, count: count)
    let edge = edgeSums
    var share = shares
    var here = features + rows.lowerBound &* width &* step
    for row in rows {
      let places = references.places(isFirst: row == 0, isLast: row &+ 1 == height)
      var sums = edge &+ above[0]
      var upper = above
      let last = share + (width &- 1)
      while share < last {
        share.pointee = look(up: here, &sums, references.sum(here, places.all), &upper)
        here += step
        share += 1
      }
      share.pointee = look(up: here, &sums, references.sum(here, places.last), &upper)
      here += step
      share += 1
    }
  }

  /// A symbol's share; the symbol is added to the sums of those after it.
  @inline(__always)
  private func look(
    up here: UnsafePointer<Int8>, _ sums: inout UInt32, _ far: Int,
    _ upper: inout UnsafeMutablePointer<UInt32>
  ) -> UInt32 {
    let symbol = symbol(here)
    sums = sums >> 8 &+ upper[1]
    upper.pointee = model.above[symbol]
    upper += 1
    let context = model.map[far &* RangeTables.nearSums &+ Int(sums & 0xFF)]
    sums &+= UInt32(model.before[symbol]) << 8
    return Self.share(
      at: cumulative + 2 &* (Int(context) &* (alphabetSize &+ 1) &+ symbol))
  }

  @inline(__always)
  private func symbol(_ feature: UnsafePointer<Int8>) -> Int {
    Int(symbolOf[Int(feature.pointee)])
  }

  /// Two cumulative frequencies that lie side by side.
  @inline(__always)
  private static func share(at place: UnsafeRawPointer) -> UInt32 {
    UInt32(littleEndian: place.loadUnaligned(as: UInt32.self))
  }

  /// The sums before a row's first symbol, without its upper neighbour.
  private var edgeSums: UInt32 {
    let above = model.above[alphabetSize]
    let before = UInt32(model.before[alphabetSize]) << 8
    let first = above &+ before
    return (first >> 8 &+ above &+ before) >> 8 &+ before
  }
}
