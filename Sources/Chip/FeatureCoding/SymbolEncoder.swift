/// Codes one image's symbols after another into a payload, a chunk at a time.
///
///     encoder.begin(output)
///     while try encoder.encode(source, to: all, settling: 64) == .settled {
///       send(output[..<encoder.settledBytes]); encoder.take(encoder.settledBytes)
///     }
///     let last = try encoder.finish()  // output[..<last] and the number of symbols end the stream
///
/// Only settled bytes may be sent before the end is: the bytes that ``finish()`` adds are good for
/// exactly the symbols coded, and belong into one message with their number.
public enum SymbolEncoder {
  case raw(RawEncoder)
  case lzw(LZWEncoder)
  case range(RangeEncoder)

  public static let workspaceAlignment = 4

  /// Bytes of workspace that a coder needs for features of this shape.
  public static func workspaceSize(coder: Coder, shape: SymbolShape, alphabetSize: Int) -> Int {
    switch coder {
    case .raw: 0
    case .lzw: LZWEncoder.workspaceSize(alphabetSize: alphabetSize, symbols: shape.count)
    case .range: RangeEncoder.workspaceSize(shape)
    }
  }

  /// Bytes that no payload of so many symbols exceeds.
  ///
  /// A smaller output does where settled bytes are taken out of it as they come.
  /// - Parameter tables: needed for `range`.
  public static func worstCaseBytes(
    coder: Coder, symbols: Int, alphabetSize: Int, tables: RangeTables? = nil
  ) -> Int {
    switch coder {
    case .raw: symbols
    case .lzw: LZWEncoder.worstCaseBytes(symbols: symbols, alphabetSize: alphabetSize)
    case .range:
      RangeEncoder.worstCaseBytes(symbols: symbols, leastFrequency: tables?.leastFrequency ?? 1)
    }
  }

  /// - Parameters:
  ///   - shape: of the features.
  ///   - alphabetSize: 1...256.
  ///   - tables: needed for `range`; they must outlive the encoder.
  ///   - workspace: ``workspaceSize(coder:shape:alphabetSize:)`` bytes, aligned to
  ///     ``workspaceAlignment``; it must outlive the encoder.
  /// - Throws: ``CodingError/tablesMismatch`` without the tables or with others' tables,
  ///   ``CodingError/workspaceTooSmall(capacity:)``.
  public init(
    _ coder: Coder, shape: SymbolShape, alphabetSize: Int, tables: RangeTables?,
    workspace: UnsafeMutableRawBufferPointer
  ) throws(CodingError) {
    let needed = Self.workspaceSize(coder: coder, shape: shape, alphabetSize: alphabetSize)
    guard workspace.count >= needed else { throw .workspaceTooSmall(capacity: workspace.count) }
    switch coder {
    case .raw: self = .raw(RawEncoder(alphabetSize: alphabetSize))
    case .lzw: self = .lzw(LZWEncoder(alphabetSize: alphabetSize, workspace: workspace))
    case .range:
      guard let tables else { throw .tablesMismatch }
      self = .range(
        try RangeEncoder(
          shape: shape, alphabetSize: alphabetSize, tables: tables, workspace: workspace))
    }
  }

  /// Begins a payload in `output`, which must outlive its last use.
  public mutating func begin(_ output: UnsafeMutableRawBufferPointer) {
    switch self {
    case .raw(var encoder):
      encoder.begin(output)
      self = .raw(encoder)
    case .lzw(var encoder):
      encoder.begin(output)
      self = .lzw(encoder)
    case .range(var encoder):
      encoder.begin(output)
      self = .range(encoder)
    }
  }

  /// Codes on from where it stopped, until `limit` symbols are in the payload, `settling` bytes of
  /// the output are settled, or the finished payload with the next symbol would exceed `budget`
  /// bytes, those taken away counted.
  ///
  /// - Parameters:
  ///   - source: the image's symbols, the same until the payload ends.
  ///   - limit: symbols in all, at most the image's.
  /// - Throws: ``CodingError/outputTooSmall(capacity:)``,
  ///   ``CodingError/symbolOutOfRange(symbol:alphabetSize:)``. The payload is of no use then.
  public mutating func encode(
    _ source: SymbolSource, to limit: Int, settling: Int = .max, budget: Int = .max
  ) throws(CodingError) -> EncodingStop {
    switch self {
    case .raw(var encoder):
      let stop = try encoder.encode(source, to: limit, settling: settling, budget: budget)
      self = .raw(encoder)
      return stop
    case .lzw(var encoder):
      let stop = try encoder.encode(source, to: limit, settling: settling, budget: budget)
      self = .lzw(encoder)
      return stop
    case .range(var encoder):
      let stop = try encoder.encode(source, to: limit, settling: settling, budget: budget)
      self = .range(encoder)
      return stop
    }
  }

  /// Symbols in the payload so far.
  public var symbolsCoded: Int {
    switch self {
    case .raw(let encoder): encoder.symbolsCoded
    case .lzw(let encoder): encoder.symbolsCoded
    case .range(let encoder): encoder.symbolsCoded
    }
  }

  /// Bytes at the output's beginning that can no longer change.
  public var settledBytes: Int {
    switch self {
    case .raw(let encoder): encoder.settledBytes
    case .lzw(let encoder): encoder.settledBytes
    case .range(let encoder): encoder.settledBytes
    }
  }

  /// The bytes of the payload if it ended now, those taken away counted; exact.
  public var finishedSize: Int {
    switch self {
    case .raw(let encoder): encoder.finishedSize
    case .lzw(let encoder): encoder.finishedSize
    case .range(let encoder): encoder.finishedSize
    }
  }

  /// Takes settled bytes away: the rest moves to the output's beginning.
  public mutating func take(_ bytes: Int) {
    switch self {
    case .raw(var encoder):
      encoder.take(bytes)
      self = .raw(encoder)
    case .lzw(var encoder):
      encoder.take(bytes)
      self = .lzw(encoder)
    case .range(var encoder):
      encoder.take(bytes)
      self = .range(encoder)
    }
  }

  /// Ends the payload and returns the bytes in the output, those not taken away.
  public mutating func finish() throws(CodingError) -> Int {
    switch self {
    case .raw(var encoder):
      defer { self = .raw(encoder) }
      return encoder.finish()
    case .lzw(var encoder):
      defer { self = .lzw(encoder) }
      return try encoder.finish()
    case .range(var encoder):
      defer { self = .range(encoder) }
      return try encoder.finish()
    }
  }
}
