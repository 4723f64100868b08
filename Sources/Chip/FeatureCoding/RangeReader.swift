/// The arithmetic of the range decoder, over bytes that come in pieces.
///
/// The next four bytes of the payload are a window; bytes that did not come are zero in it. Its value
/// less the interval's beginning says the next symbol.
struct RangeReader {
  private(set) var range: UInt32 = .max
  /// The window's value less the interval's beginning: below zero only where bytes to come can lead
  /// into the interval.
  private var code: Int64 = 0
  private var window: UInt32 = 0
  /// Bytes of the window that did not come.
  private var unknown = 4
  /// Bytes of the payload before the window.
  private var shifted = 0
  /// Bytes of the payload that came.
  private var came = 0
  private var input = UnsafeRawBufferPointer(start: nil, count: 0)
  private var read = 0

  /// Goes on with the next piece; the one before has been read up, or what is left of it comes after
  /// the last symbol.
  mutating func feed(_ piece: UnsafeRawBufferPointer) {
    input = piece
    read = 0
    came += piece.count
    fill()
  }

  mutating func release() {
    input = UnsafeRawBufferPointer(start: nil, count: 0)
    read = 0
  }

  /// Takes bytes of the input into the window as far as there is room.
  @inline(__always)
  private mutating func fill() {
    while unknown > 0, read < input.count {
      unknown &-= 1
      let value = Int64(input[read]) << Int64(8 &* unknown)
      read &+= 1
      window |= UInt32(truncatingIfNeeded: value)
      code &+= value
    }
  }

  @inline(__always)
  private mutating func shift() {
    while range < 1 << 24 {
      range <<= 8
      code <<= 8
      window <<= 8
      unknown &+= 1
      shifted &+= 1
      fill()
    }
  }

  /// Whether the window is full and the next symbol cannot empty it: then ``Fast`` may decode it.
  @inline(__always)
  var isAhead: Bool { unknown == 0 && code >= 0 && input.count &- read >= 2 }

  /// The reader between two symbols that cannot run out of bytes, in registers.
  struct Fast {
    private var range: UInt32
    /// At least zero, and exact: every byte of the window came.
    private var code: UInt32
    private var window: UInt32
    private var next: UnsafePointer<UInt8>
    private let last: UnsafePointer<UInt8>

    /// - Precondition: ``RangeReader/isAhead``.
    @inline(__always)
    init(_ reader: RangeReader) {
      range = reader.range
      code = UInt32(truncatingIfNeeded: reader.code)
      window = reader.window
      let start = reader.input.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
      next = start + reader.read
      last = start + (reader.input.count &- 2)
    }

    @inline(__always)
    var isAhead: Bool { next <= last }

    /// The next symbol of an alphabet of 16 at most; nil if the payload is no symbol's.
    ///
    /// - Precondition: ``isAhead``.
    @inline(__always)
    mutating func next(_ cumulative: UnsafePointer<UInt16>, alphabetSize: Int) -> Int? {
      let share = range >> RangeTables.totalBits
      guard code < share << RangeTables.totalBits else { return nil }
      let symbol = RangeReader.find(code, share, cumulative, alphabetSize: alphabetSize)
      let start = share &* UInt32(cumulative[symbol])
      range = share &* UInt32(cumulative[symbol &+ 1]) &- start
      code &-= start
      while range < 1 << 24 {
        range <<= 8
        code = code << 8 | UInt32(next.pointee)
        window = window << 8 | UInt32(next.pointee)
        next += 1
      }
      return symbol
    }

    /// Puts what was read back.
    @inline(__always)
    func store(to reader: inout RangeReader) {
      let start = reader.input.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
      let read = next - start
      reader.shifted &+= read &- reader.read
      reader.read = read
      reader.range = range
      reader.code = Int64(code)
      reader.window = window
    }
  }

  /// What ``next(_:alphabetSize:whole:)`` found.
  enum Found {
    case symbol(Int)
    /// The bytes that came do not say it.
    case uncertain
    /// The payload is no symbol's.
    case none
  }

  /// The next symbol, where a context's cumulative frequencies are given. With `whole`, what did not
  /// come is zero; else it can be anything.
  @inline(__always)
  mutating func next(
    _ cumulative: UnsafePointer<UInt16>, alphabetSize: Int, whole: Bool
  ) -> Found {
    let share = range >> RangeTables.totalBits
    let end = Int64(share << RangeTables.totalBits)
    var most: Int64 = 0
    if _slowPath(unknown > 0), !whole {
      // A window of which nothing came says next to nothing.
      guard unknown < 4 else { return .uncertain }
      most = (1 << Int64(8 &* unknown)) &- 1
    }
    guard code < end, code &+ most >= 0 else { return .none }
    let symbol = Self.find(
      UInt32(truncatingIfNeeded: max(code, 0)), share, cumulative, alphabetSize: alphabetSize)
    let start = share &* UInt32(cumulative[symbol])
    let next = share &* UInt32(cumulative[symbol &+ 1])
    guard min(code &+ most, end &- 1) < Int64(next) else { return .uncertain }
    code &-= Int64(start)
    range = next &- start
    shift()
    return .symbol(symbol)
  }

  /// An alphabet that is searched by comparing all.
  static let fewSymbols = 16

  /// The symbol whose share an offset below all shares' end is in.
  @inline(__always)
  fileprivate static func find(
    _ offset: UInt32, _ share: UInt32, _ cumulative: UnsafePointer<UInt16>, alphabetSize: Int
  ) -> Int {
    if alphabetSize <= fewSymbols {
      // All are compared, and without a branch: where a search would stop no processor can foresee.
      let limit = Int64(offset)
      var symbols: UInt64 = 0
      for index in 1..<max(alphabetSize, 1) {
        let start = Int64(share &* UInt32(cumulative[index]))
        symbols &+= UInt64(bitPattern: start &- limit &- 1) >> 63
      }
      return Int(truncatingIfNeeded: symbols)
    }
    var low = 0
    var high = alphabetSize
    while high &- low > 1 {
      let middle = (low &+ high) / 2
      if offset >= share &* UInt32(cumulative[middle]) { low = middle } else { high = middle }
    }
    return low
  }

  /// Checks that the payload is what the encoder ends with here, and nothing more.
  func checkEnd(symbols: Int) throws(CodingError) {
    let low = UInt32(truncatingIfNeeded: Int64(window) &- code)
    let tail = RangeWriter.tailSize(low: low, range: range)
    guard came >= shifted + tail else {
      throw .truncated(symbolsDecoded: symbols, symbolCount: symbols)
    }
    guard came == shifted + tail else { throw .trailingBytes(count: came - shifted - tail) }
    guard window == (tail == 0 ? 0 : UInt32(RangeWriter.tail(low: low)) << 24) else {
      throw .wrongEnd
    }
  }
}
