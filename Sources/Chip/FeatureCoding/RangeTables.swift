/// The range coder's tables, read in place out of the blob that `docs/coding.md` specifies.
///
/// Opening checks every length, offset, index and frequency once, so that coding need not: what
/// passed cannot lead out of the blob, whatever the symbols.
public struct RangeTables: @unchecked Sendable {
  public let alphabetSize: Int
  public let channels: Int
  /// Distributions of symbols that the channels share, 1...256.
  public let contexts: Int
  /// No symbol has a smaller frequency in any context.
  public let leastFrequency: Int
  /// The blob's own length; bytes behind it are not read.
  public let byteCount: Int
  private let base: UnsafeRawPointer
  private let cumulative: UnsafePointer<UInt16>

  /// Frequencies of a context add up to 2^15.
  static let totalBits: UInt32 = 15
  static let total = 1 << 15
  static let maximumReferences = 4
  static let maximumContexts = 256
  static let headerSize = 32
  static let recordSize = 16
  /// Columns of a row: what a symbol adds as left, upper, upper left, upper right neighbour, and as
  /// each of the four references.
  static let columns = 8
  public static let alignment = 4

  /// - Parameter blob: aligned to ``alignment``; it must outlive the tables.
  /// - Throws: ``CodingError/malformedTables(offset:)`` with the byte at which something is wrong.
  public init(_ blob: UnsafeRawBufferPointer) throws(CodingError) {
    let check = try TableCheck(blob)
    alphabetSize = check.alphabetSize
    channels = check.channels
    contexts = check.contexts
    byteCount = check.byteCount
    leastFrequency = check.leastFrequency
    base = check.base
    cumulative = (base + check.contextsOffset).assumingMemoryBound(to: UInt16.self)
    try check.checkContexts()
    for channel in 0..<channels { try check.check(channel: channel) }
  }

  /// One channel's tables.
  struct Channel {
    /// By symbol, alphabetSize for a neighbour outside, ``RangeTables/columns`` numbers.
    let rows: UnsafePointer<UInt16>
    /// By the sum of those numbers, the context.
    let map: UnsafePointer<UInt8>
    let references: UnsafePointer<UInt8>
    let referenceCount: Int
  }

  @inline(__always)
  func channel(_ channel: Int) -> Channel {
    let record = base + (Self.headerSize + channel * Self.recordSize)
    let words = record.assumingMemoryBound(to: UInt32.self)
    let bytes = record.assumingMemoryBound(to: UInt8.self)
    return Channel(
      rows: (base + Int(words[0])).assumingMemoryBound(to: UInt16.self),
      map: (base + Int(words[1])).assumingMemoryBound(to: UInt8.self),
      references: bytes + 12, referenceCount: Int(bytes[10]))
  }

  /// A context's cumulative frequencies, alphabetSize + 1 of them.
  @inline(__always)
  func cumulative(context: UInt8) -> UnsafePointer<UInt16> {
    cumulative + Int(context) * (alphabetSize + 1)
  }
}
