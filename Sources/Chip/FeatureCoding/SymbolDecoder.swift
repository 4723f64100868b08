/// Decodes a payload as its bytes come.
///
/// `append` takes settled bytes (``SymbolEncoder/settledBytes``) and decodes the symbols that every
/// continuation would give. Where the stream is cut, those are what there is. Where the device ends
/// it, it says after how many symbols, and `finish` takes that number and the bytes that did not go
/// ahead as settled: a whole payload at once is `finish` alone. Nothing is ever read past what came.
///
/// After an error the payload is of no use; `begin` begins another.
public enum SymbolDecoder {
  case raw(RawDecoder)
  case lzw(LZWDecoder)
  case range(RangeDecoder)

  public static let workspaceAlignment = 4

  /// Bytes of workspace that a coder needs.
  public static func workspaceSize(coder: Coder, alphabetSize: Int) -> Int {
    switch coder {
    case .raw, .range: 0
    case .lzw: LZWDecoder.workspaceSize(alphabetSize: alphabetSize)
    }
  }

  /// - Parameters:
  ///   - shape: of the features.
  ///   - alphabetSize: 1...256.
  ///   - tables: needed for `range`; they must outlive the decoder.
  ///   - workspace: ``workspaceSize(coder:alphabetSize:)`` bytes, aligned to
  ///     ``workspaceAlignment``; it must outlive the decoder.
  /// - Throws: ``CodingError/tablesMismatch``, ``CodingError/workspaceTooSmall(capacity:)``.
  public init(
    _ coder: Coder, shape: SymbolShape, alphabetSize: Int, tables: RangeTables?,
    workspace: UnsafeMutableRawBufferPointer
  ) throws(CodingError) {
    guard workspace.count >= Self.workspaceSize(coder: coder, alphabetSize: alphabetSize) else {
      throw .workspaceTooSmall(capacity: workspace.count)
    }
    switch coder {
    case .raw: self = .raw(RawDecoder(alphabetSize: alphabetSize))
    case .lzw: self = .lzw(LZWDecoder(alphabetSize: alphabetSize, workspace: workspace))
    case .range:
      guard let tables else { throw .tablesMismatch }
      self = .range(try RangeDecoder(shape: shape, alphabetSize: alphabetSize, tables: tables))
    }
  }

  /// Begins a payload whose symbols go to `output`, [channels,height,width], exactly so many bytes
  /// as the shape has symbols; it must outlive the payload.
  public mutating func begin(into output: UnsafeMutableRawBufferPointer) throws(CodingError) {
    switch self {
    case .raw(var decoder):
      decoder.begin(into: output)
      self = .raw(decoder)
    case .lzw(var decoder):
      decoder.begin(into: output)
      self = .lzw(decoder)
    case .range(var decoder):
      try decoder.begin(into: output)
      self = .range(decoder)
    }
  }

  /// Symbols of the output that are certain.
  public var symbolsDecoded: Int {
    switch self {
    case .raw(let decoder): decoder.symbolsDecoded
    case .lzw(let decoder): decoder.symbolsDecoded
    case .range(let decoder): decoder.symbolsDecoded
    }
  }

  /// Takes the payload's next settled bytes.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CodingError) {
    switch self {
    case .raw(var decoder):
      defer { self = .raw(decoder) }
      try decoder.append(bytes)
    case .lzw(var decoder):
      defer { self = .lzw(decoder) }
      try decoder.append(bytes)
    case .range(var decoder):
      defer { self = .range(decoder) }
      try decoder.append(bytes)
    }
  }

  /// Takes the payload's last bytes and ends it after exactly `symbols` symbols.
  ///
  /// - Throws: unless the payload is exactly what gives so many: every other length, trailing bytes
  ///   and padding that is not zero are refused.
  public mutating func finish(
    _ bytes: UnsafeRawBufferPointer, symbols: Int
  ) throws(CodingError) {
    switch self {
    case .raw(var decoder):
      defer { self = .raw(decoder) }
      try decoder.finish(bytes, symbols: symbols)
    case .lzw(var decoder):
      defer { self = .lzw(decoder) }
      try decoder.finish(bytes, symbols: symbols)
    case .range(var decoder):
      defer { self = .range(decoder) }
      try decoder.finish(bytes, symbols: symbols)
    }
  }
}
