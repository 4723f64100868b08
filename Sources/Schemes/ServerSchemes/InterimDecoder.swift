import FeatureCoding

/// Stands in for FeatureCoding's incremental decoder until that is there.
struct InterimDecoder {
  let coder: PathCoder
  let symbols: UnsafeMutableRawBufferPointer
  private var bytes: [UInt8] = []
  private var position = 0
  private var bit = 0
  private var starts: [Int] = []
  private(set) var certain = 0

  init(_ coder: PathCoder, symbols: UnsafeMutableRawBufferPointer) {
    self.coder = coder
    self.symbols = symbols
  }

  mutating func append(_ more: UnsafeRawBufferPointer) throws(CodingError) {
    bytes += more
    switch coder {
    case .raw(let alphabetSize):
      while position < bytes.count {
        guard certain < symbols.count else { throw .trailingBytes(count: bytes.count - position) }
        let symbol = bytes[position]
        guard Int(symbol) < alphabetSize else {
          throw .symbolOutOfRange(symbol: symbol, alphabetSize: alphabetSize)
        }
        symbols[certain] = symbol
        certain += 1
        position += 1
      }
    case .lzw(let alphabetSize):
      while certain < symbols.count {
        let size = alphabetSize + starts.count
        let width = max(1, Int.bitWidth - (size - 1).leadingZeroBitCount)
        guard bit + width <= 8 * bytes.count else { return }
        var code = 0
        for index in 0..<width {
          code |= Int(bytes[(bit + index) / 8] >> UInt8((bit + index) % 8) & 1) << index
        }
        bit += width
        guard code < size else { throw .undefinedCode(code: code, dictionarySize: size) }
        starts.append(certain)
        if code < alphabetSize {
          symbols[certain] = UInt8(code)
          certain += 1
        } else {
          let entry = code - alphabetSize
          let source = starts[entry]
          let length = starts[entry + 1] - source + 1
          guard length <= symbols.count - certain else {
            throw .overrun(symbolCount: symbols.count)
          }
          for offset in 0..<length { symbols[certain + offset] = symbols[source + offset] }
          certain += length
        }
        if starts.count == 4097 - alphabetSize { starts = [] }
      }
      guard (bit + 7) / 8 >= bytes.count else {
        throw .trailingBytes(count: bytes.count - (bit + 7) / 8)
      }
    }
  }

  mutating func finish(
    _ more: UnsafeRawBufferPointer, symbolCount: Int
  ) throws(CodingError) {
    try append(more)
    guard certain >= symbolCount else {
      throw .truncated(symbolsDecoded: certain, symbolCount: symbolCount)
    }
    guard certain == symbolCount else { throw .overrun(symbolCount: symbolCount) }
    guard case .lzw = coder else { return }
    let used = (bit + 7) / 8
    guard used == bytes.count else { throw .trailingBytes(count: bytes.count - used) }
    guard bit % 8 == 0 || bytes[used - 1] >> UInt8(bit % 8) == 0 else { throw .nonZeroPadding }
  }
}
