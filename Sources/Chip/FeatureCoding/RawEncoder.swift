/// Writes symbols as they are, one byte each.
public struct RawEncoder {
  let alphabetSize: Int
  private var output = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var count = 0
  private var taken = 0
  public private(set) var symbolsCoded = 0

  public init(alphabetSize: Int) {
    precondition(LZW.alphabetSizes.contains(alphabetSize))
    self.alphabetSize = alphabetSize
  }

  public mutating func begin(_ output: UnsafeMutableRawBufferPointer) {
    self.output = output
    count = 0
    taken = 0
    symbolsCoded = 0
  }

  public var settledBytes: Int { count }
  public var finishedSize: Int { taken + count }

  public mutating func take(_ bytes: Int) {
    precondition(bytes >= 0 && bytes <= count)
    for index in bytes..<count { output[index - bytes] = output[index] }
    count -= bytes
    taken += bytes
  }

  public mutating func finish() -> Int { count }

  /// As ``SymbolEncoder/encode(_:to:settling:budget:)``.
  public mutating func encode(
    _ source: SymbolSource, to limit: Int, settling: Int, budget: Int
  ) throws(CodingError) -> EncodingStop {
    guard source.alphabetSize == alphabetSize else { throw .tablesMismatch }
    precondition(limit <= source.shape.count && settling > 0)
    var stop = EncodingStop.symbols
    try source.forEachSymbol(from: symbolsCoded, to: limit) { (symbol) throws(CodingError) in
      guard taken + count < budget else {
        stop = .budget
        return false
      }
      guard count < output.count else { throw .outputTooSmall(capacity: output.count) }
      output[count] = symbol
      count += 1
      symbolsCoded += 1
      return count < settling
    }
    return count >= settling ? .settled : stop
  }
}
