#if !hasFeature(Embedded)
  /// A coder with its alphabet, shape and tables, for the host, which may allocate.
  public struct SymbolCode: Sendable {
    public let coder: Coder
    public let shape: SymbolShape
    public let alphabetSize: Int
    private let blob: TableBlob?

    /// - Parameter tables: the blob of ``RangeTables``, needed for `range`; copied.
    /// - Throws: ``CodingError/malformedTables(offset:)``, ``CodingError/tablesMismatch``.
    public init(
      _ coder: Coder, shape: SymbolShape, alphabetSize: Int, tables: [UInt8]? = nil
    ) throws(CodingError) {
      self.coder = coder
      self.shape = shape
      self.alphabetSize = alphabetSize
      if coder == .range {
        guard let tables else { throw .tablesMismatch }
        let blob = try TableBlob(tables)
        guard blob.tables.channels == shape.channels, blob.tables.alphabetSize == alphabetSize
        else { throw .tablesMismatch }
        self.blob = blob
      } else {
        blob = nil
      }
    }

    public var tables: RangeTables? { blob?.tables }

    public var worstCaseBytes: Int {
      SymbolEncoder.worstCaseBytes(
        coder: coder, symbols: shape.count, alphabetSize: alphabetSize, tables: tables)
    }

    /// The payload of symbols [channels,height,width], or of as many of them as fit in a budget.
    ///
    /// - Parameter limit: symbols that may be coded at most.
    public func encode(
      _ symbols: [UInt8], limit: Int = .max, budget: Int = .max
    ) throws(CodingError) -> (payload: [UInt8], symbols: Int) {
      let workspace = Workspace(
        SymbolEncoder.workspaceSize(
          coder: coder, shape: shape, alphabetSize: alphabetSize))
      let input = Workspace(256 + symbols.count)
      // What is no symbol is sent as none: it is refused here.
      for symbol in symbols where Int(symbol) >= alphabetSize {
        throw .symbolOutOfRange(symbol: symbol, alphabetSize: alphabetSize)
      }
      for index in 0..<256 {
        let symbol = UInt8(index) ^ 0x80
        input.bytes[index] = Int(symbol) < alphabetSize ? symbol : 0
      }
      UnsafeMutableRawBufferPointer(rebasing: input.bytes[256...]).copyBytes(from: symbols)
      let output = Workspace(worstCaseBytes)
      let source = try SymbolSource(
        planar: UnsafeRawBufferPointer(rebasing: input.bytes[256...]), shape: shape,
        tables: UnsafeRawBufferPointer(rebasing: input.bytes[..<256]),
        alphabetSize: alphabetSize)
      var encoder = try SymbolEncoder(
        coder, shape: shape, alphabetSize: alphabetSize, tables: tables,
        workspace: workspace.bytes)
      encoder.begin(output.bytes)
      _ = try encoder.encode(source, to: min(limit, shape.count), budget: budget)
      let count = try encoder.finish()
      return (Array(output.bytes[..<count]), encoder.symbolsCoded)
    }

    /// The symbols [channels,height,width] of a payload: exactly `symbols` of them.
    public func decode(
      _ payload: [UInt8], symbols: Int? = nil
    ) throws(CodingError) -> [UInt8] {
      let stream = try SymbolStream(self)
      try stream.finish(payload, symbols: symbols ?? shape.count)
      return stream.symbols
    }
  }

  /// One image's payload on its way in, for the host.
  public final class SymbolStream {
    private let code: SymbolCode
    private let workspace: Workspace
    private let output: Workspace
    private var decoder: SymbolDecoder

    public init(_ code: SymbolCode) throws(CodingError) {
      self.code = code
      workspace = Workspace(
        SymbolDecoder.workspaceSize(coder: code.coder, alphabetSize: code.alphabetSize))
      output = Workspace(code.shape.count)
      decoder = try SymbolDecoder(
        code.coder, shape: code.shape, alphabetSize: code.alphabetSize, tables: code.tables,
        workspace: workspace.bytes)
      try decoder.begin(into: output.bytes)
    }

    /// As ``SymbolDecoder/append(_:)``.
    public func append(_ bytes: [UInt8]) throws(CodingError) {
      let piece = Workspace(copying: bytes)
      try decoder.append(UnsafeRawBufferPointer(piece.bytes))
    }

    /// As ``SymbolDecoder/finish(_:symbols:)``.
    public func finish(_ bytes: [UInt8], symbols: Int) throws(CodingError) {
      let piece = Workspace(copying: bytes)
      try decoder.finish(UnsafeRawBufferPointer(piece.bytes), symbols: symbols)
    }

    /// The symbols that are certain, the first of [channels,height,width].
    public var symbols: [UInt8] { Array(output.bytes[..<decoder.symbolsDecoded]) }
  }

  /// Range tables with memory of their own.
  final class TableBlob: @unchecked Sendable {
    private let memory: Workspace
    let tables: RangeTables

    init(_ bytes: [UInt8]) throws(CodingError) {
      memory = Workspace(copying: bytes)
      tables = try RangeTables(UnsafeRawBufferPointer(memory.bytes))
    }
  }

  /// Memory that goes with its owner, aligned for any coder.
  final class Workspace {
    let bytes: UnsafeMutableRawBufferPointer
    private let memory: UnsafeMutableRawPointer

    init(_ count: Int) {
      // One byte at least, so that there is an address.
      memory = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 8)
      bytes = UnsafeMutableRawBufferPointer(start: memory, count: count)
    }

    convenience init(copying content: [UInt8]) {
      self.init(content.count)
      bytes.copyBytes(from: content)
    }

    deinit { memory.deallocate() }
  }
#endif
