/// Codes symbols by a range coder whose frequencies depend on the neighbours that are coded already.
///
/// It keeps no symbols: a neighbour's is looked up in the features again. Some rows at a time, it first
/// looks up the symbols' shares and then narrows the interval to them. Nothing is allocated, and
/// nothing divided but to find the place where rows begin.
public struct RangeEncoder {
  public let shape: SymbolShape
  private let tables: RangeTables
  /// What the symbols of the last row add to the sums of those below, the shares of some rows, and a
  /// word that is read for nothing.
  private let words: UnsafeMutablePointer<UInt32>
  private var writer = RangeWriter(UnsafeMutableRawBufferPointer(start: nil, count: 0))
  /// The shares that are looked up and not coded.
  private var first = 0
  private var last = 0
  /// Symbols coded so far.
  public private(set) var symbolsCoded = 0

  /// Enough that a loop is worth its beginning; a wider row is looked up alone.
  private static let sharesAtOnce = 64

  private static func rowsAtOnce(_ shape: SymbolShape) -> Int {
    min(shape.height, max(1, sharesAtOnce / shape.width))
  }

  static func workspaceSize(_ shape: SymbolShape) -> Int {
    (shape.width + 1 + rowsAtOnce(shape) * shape.width + 1) * MemoryLayout<UInt32>.size
  }

  /// - Parameter workspace: ``workspaceSize(_:)`` bytes, aligned to 4; it must outlive the encoder.
  /// - Throws: ``CodingError/tablesMismatch``.
  init(
    shape: SymbolShape, alphabetSize: Int, tables: RangeTables,
    workspace: UnsafeMutableRawBufferPointer
  ) throws(CodingError) {
    guard tables.channels == shape.channels, tables.alphabetSize == alphabetSize else {
      throw .tablesMismatch
    }
    guard workspace.count >= Self.workspaceSize(shape), let base = workspace.baseAddress else {
      throw .workspaceTooSmall(capacity: workspace.count)
    }
    self.shape = shape
    self.tables = tables
    words = base.bindMemory(
      to: UInt32.self, capacity: workspace.count / MemoryLayout<UInt32>.size)
  }

  public mutating func begin(_ output: UnsafeMutableRawBufferPointer) {
    writer = RangeWriter(output)
    symbolsCoded = 0
    first = 0
    last = 0
  }

  public var settledBytes: Int { writer.settledBytes }
  public var finishedSize: Int { writer.finishedSize }
  public mutating func take(_ bytes: Int) { writer.take(bytes) }
  public mutating func finish() throws(CodingError) -> Int { try writer.finish() }

  /// As ``SymbolEncoder/encode(_:to:settling:budget:)``.
  public mutating func encode(
    _ source: SymbolSource, to limit: Int, settling: Int, budget: Int
  ) throws(CodingError) -> EncodingStop {
    precondition(source.shape == shape && limit <= shape.count && settling > 0)
    guard source.alphabetSize == tables.alphabetSize else { throw .tablesMismatch }
    let shares = words + (shape.width &+ 1)
    while symbolsCoded < limit {
      if first == last { try lookUp(source, to: shares) }
      var end = min(last, first &+ (limit &- symbolsCoded))
      // A symbol puts out two bytes at most, and the end one: near the budget, one at a time.
      var watch = min(settling, budget &- writer.taken &- 3)
      if writer.count >= watch {
        guard writer.settledBytes < settling else { return .settled }
        guard writer.finishedSize(with: shares[first]) <= budget else { return .budget }
        end = first &+ 1
        watch = .max
      }
      let next = try writer.put(shares, from: first, to: end, watch: watch)
      symbolsCoded &+= next &- first
      first = next
    }
    return writer.settledBytes >= settling ? .settled : .symbols
  }

  /// Looks up the shares of the next rows. All of those before are coded, so that rows begin here.
  private mutating func lookUp(
    _ source: SymbolSource, to shares: UnsafeMutablePointer<UInt32>
  ) throws(CodingError) {
    let channel = symbolsCoded / shape.plane
    guard let found = ChannelShares(source, tables: tables, channel: channel) else {
      throw .tablesMismatch
    }
    let row = (symbolsCoded &- channel &* shape.plane) / shape.width
    let end = min(shape.height, row &+ Self.rowsAtOnce(shape))
    found.fill(rows: row..<end, above: words, shares: shares)
    first = 0
    last = (end &- row) &* shape.width
  }
}
