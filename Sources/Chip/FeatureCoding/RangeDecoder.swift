/// Decodes what ``RangeEncoder`` writes, as far as the bytes that came say it for certain.
///
/// The next four bytes of the payload are a window, `code` its value less the interval's beginning.
/// Bytes that did not come are zero in it; a symbol is certain if it is the same with all of them 0
/// and all of them 255. Time: O(payload bytes + symbols · log alphabet), whatever the payload.
public struct RangeDecoder {
  public let shape: SymbolShape
  private let tables: RangeTables
  private var symbols = UnsafeMutablePointer<UInt8>(bitPattern: 1).unsafelyUnwrapped
  /// Symbols that the bytes so far say for certain.
  public private(set) var symbolsDecoded = 0

  private var range: UInt32 = .max
  /// Relative to the interval, below zero where only bytes to come can lead into it.
  private var code: Int64 = 0
  /// The window, for the check of the end.
  private var window: UInt32 = 0
  /// Bytes of the window that did not come.
  private var unknown = 4
  /// Bytes of the payload before the window.
  private var shifted = 0
  /// Bytes of the payload that came.
  private var came = 0

  private var input = UnsafeRawBufferPointer(start: nil, count: 0)
  private var read = 0

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
    range = .max
    code = 0
    window = 0
    unknown = 4
    shifted = 0
    came = 0
  }

  /// Takes the payload's next bytes and decodes every symbol that they make certain.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CodingError) {
    input = bytes
    read = 0
    came += bytes.count
    defer { input = UnsafeRawBufferPointer(start: nil, count: 0) }
    fill()
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
    input = bytes
    read = 0
    came += bytes.count
    defer { input = UnsafeRawBufferPointer(start: nil, count: 0) }
    fill()
    try decode(upTo: symbols, whole: true)
    try checkEnd(symbols)
  }

  /// The payload is what the encoder ends so many symbols with, and nothing more.
  private func checkEnd(_ symbols: Int) throws(CodingError) {
    let low = UInt32(truncatingIfNeeded: Int64(window) - code)
    let tail = RangeWriter.tailSize(low: low, range: range)
    guard came >= shifted + tail else {
      throw .truncated(symbolsDecoded: symbolsDecoded, symbolCount: symbols)
    }
    guard came == shifted + tail else { throw .trailingBytes(count: came - shifted - tail) }
    guard window == (tail == 0 ? 0 : UInt32(RangeWriter.tail(low: low)) << 24) else {
      throw .wrongEnd
    }
  }

  /// Takes bytes of the input into the window as far as there is room.
  @inline(__always)
  private mutating func fill() {
    while unknown > 0, read < input.count {
      unknown -= 1
      let value = Int64(input[read]) << Int64(8 * unknown)
      read += 1
      window |= UInt32(truncatingIfNeeded: value)
      code += value
    }
  }

  @inline(__always)
  private mutating func shift() {
    range <<= 8
    code <<= 8
    window <<= 8
    unknown += 1
    shifted += 1
    fill()
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
    var lines = InlineArray<4, Int>(repeating: 0)
    var rights = InlineArray<4, Int>(repeating: 0)
    for index in 0..<model.referenceCount {
      let reference = model.reference(index, ofChannel: channel)
      let line = min(max(row &+ reference.down, 0), shape.height &- 1)
      lines[index] = reference.channel &* shape.plane &+ line &* width
      rights[index] = reference.right
    }
    let first = columns.lowerBound
    var sums: UInt32 = 0
    for before in first &- 3..<first {
      sums = sums >> 8 &+ model.above[symbol(above, before &+ 1, isThere: row > 0)]
      sums &+= UInt32(model.before[symbol(here, before, isThere: true)]) << 8
    }
    for column in columns {
      sums = sums >> 8 &+ model.above[symbol(above, column &+ 1, isThere: row > 0)]
      var far = 0
      for index in 0..<model.referenceCount {
        let right = column &+ 1 < width ? rights[index] : 0
        let symbol = Int(symbols[lines[index] &+ column &+ right])
        far &+= Int(model.far[symbol] >> UInt32(8 &* index) & 0xFF)
      }
      let context = model.map[far &* RangeTables.nearSums &+ Int(sums & 0xFF)]
      guard let symbol = try next(tables.cumulative(context: context), whole: whole) else {
        return false
      }
      here[column] = symbol
      symbolsDecoded &+= 1
      sums &+= UInt32(model.before[Int(symbol)]) << 8
    }
    return true
  }

  /// The next symbol, or nil if it is not certain. With `whole`, what did not come is zero.
  @inline(__always)
  private mutating func next(
    _ cumulative: UnsafePointer<UInt16>, whole: Bool
  ) throws(CodingError) -> UInt8? {
    let share = range >> RangeTables.totalBits
    let end = Int64(share) << Int64(RangeTables.totalBits)
    // A window of which nothing came says next to nothing.
    guard whole || unknown < 4 else { return nil }
    let unknownMost: Int64 = whole ? 0 : (1 << Int64(8 * unknown)) - 1
    guard code < end, code + unknownMost >= 0 else {
      throw .undefinedRange(symbolsDecoded: symbolsDecoded)
    }
    let symbol = find(UInt32(max(code, 0)), share, cumulative)
    let start = Int64(share * UInt32(cumulative[symbol]))
    let next = Int64(share * UInt32(cumulative[symbol + 1]))
    guard min(code + unknownMost, end - 1) < next else { return nil }
    code -= start
    range = UInt32(next - start)
    while range < 1 << 24 { shift() }
    return UInt8(symbol)
  }

  /// The symbol whose share an offset is in.
  @inline(__always)
  private func find(
    _ offset: UInt32, _ share: UInt32, _ cumulative: UnsafePointer<UInt16>
  ) -> Int {
    if tables.alphabetSize <= 16 {
      var symbol = 0
      while offset >= share &* UInt32(cumulative[symbol + 1]) { symbol += 1 }
      return symbol
    }
    var low = 0
    var high = tables.alphabetSize
    while high - low > 1 {
      let middle = (low + high) / 2
      if offset >= share &* UInt32(cumulative[middle]) { low = middle } else { high = middle }
    }
    return low
  }
}
