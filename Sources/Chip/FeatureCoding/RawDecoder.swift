/// Takes symbols as they come, one byte each.
public struct RawDecoder {
  let alphabetSize: Int
  private var output = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// Symbols that came.
  public private(set) var symbolsDecoded = 0
  private var left = 0

  public init(alphabetSize: Int) {
    precondition(LZW.alphabetSizes.contains(alphabetSize))
    self.alphabetSize = alphabetSize
  }

  /// Begins a payload whose symbols go to `output`, one byte each: at most so many as it has.
  public mutating func begin(into output: UnsafeMutableRawBufferPointer) {
    self.output = output
    symbolsDecoded = 0
    left = 0
  }

  public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CodingError) {
    try take(bytes, limit: output.count)
  }

  /// Takes the payload's last bytes and ends it after exactly `symbols` symbols.
  public mutating func finish(
    _ bytes: UnsafeRawBufferPointer, symbols: Int
  ) throws(CodingError) {
    guard symbols >= 0, symbols <= output.count else {
      throw .outputTooSmall(capacity: output.count)
    }
    guard symbols >= symbolsDecoded else { throw .overrun(symbolCount: symbols) }
    try take(bytes, limit: symbols)
    guard symbolsDecoded == symbols else {
      throw .truncated(symbolsDecoded: symbolsDecoded, symbolCount: symbols)
    }
    guard left == 0 else { throw .trailingBytes(count: left) }
  }

  private mutating func take(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(CodingError) {
    let count = min(bytes.count, limit - symbolsDecoded)
    for index in 0..<count {
      guard Int(bytes[index]) < alphabetSize else {
        throw .symbolOutOfRange(symbol: bytes[index], alphabetSize: alphabetSize)
      }
      output[symbolsDecoded] = bytes[index]
      symbolsDecoded += 1
    }
    left += bytes.count - count
  }
}
