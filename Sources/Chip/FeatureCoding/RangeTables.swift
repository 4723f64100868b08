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
  static let maximumContexts = 256
  static let maximumReferences = 4
  static let headerSize = 32
  static let recordSize = 32
  /// Near sums are below.
  static let nearSums = 32
  public static let alignment = 4

  /// - Parameter blob: aligned to ``alignment``; it must outlive the tables.
  /// - Throws: ``CodingError/malformedTables(offset:)`` with the byte at which something is wrong.
  public init(_ blob: UnsafeRawBufferPointer) throws(CodingError) {
    let check = try TableCheck(blob)
    self.init(check)
    try check.checkContexts()
    for channel in 0..<channels { try check.check(channel: channel) }
  }

  /// Opens what passed ``init(_:)`` before and has not changed since, without checking its entries
  /// again: for the blob of another image of the same path.
  ///
  /// A blob whose header is not a table's is a caller's bug.
  public init(checked blob: UnsafeRawBufferPointer) {
    guard let check = try? TableCheck(blob) else { preconditionFailure() }
    self.init(check)
  }

  private init(_ check: TableCheck) {
    alphabetSize = check.alphabetSize
    channels = check.channels
    contexts = check.contexts
    byteCount = check.byteCount
    leastFrequency = check.leastFrequency
    base = check.base
    cumulative = (base + check.contextsOffset).assumingMemoryBound(to: UInt16.self)
  }

  /// One channel's tables. Numbers go by symbol, alphabetSize for a neighbour outside.
  struct Channel {
    /// What a symbol adds to the near sums from above, a byte each: to the one at its left below,
    /// below, at its right below, and one further.
    let above: UnsafePointer<UInt32>
    /// What a symbol adds to the near sums of the next in its row, a byte each, and the one after.
    let before: UnsafePointer<UInt16>
    /// What a symbol adds to the far sum as each of the references, a byte each.
    let far: UnsafePointer<UInt32>
    /// By far sum · ``RangeTables/nearSums`` + near sum, the context.
    let map: UnsafePointer<UInt8>
    let referenceCount: Int
    /// Whether all symbols have one context, the map's first.
    let isUniform: Bool
    /// The references' channels, then their places.
    private let references: UnsafePointer<UInt8>

    @inline(__always)
    fileprivate init(_ record: UnsafeRawPointer, base: UnsafeRawPointer) {
      let words = record.assumingMemoryBound(to: UInt32.self)
      let bytes = record.assumingMemoryBound(to: UInt8.self)
      above = (base + Int(words[0])).assumingMemoryBound(to: UInt32.self)
      before = (base + Int(words[1])).assumingMemoryBound(to: UInt16.self)
      far = (base + Int(words[2])).assumingMemoryBound(to: UInt32.self)
      map = (base + Int(words[3])).assumingMemoryBound(to: UInt8.self)
      referenceCount = Int(bytes[18])
      isUniform = bytes[19] != 0
      references = bytes + 20
    }

    /// The symbol's own place where there are not so many.
    @inline(__always)
    func reference(_ index: Int, ofChannel channel: Int) -> RangeReference {
      guard index < referenceCount else {
        return RangeReference(channel: channel, down: 0, right: 0)
      }
      return RangeReference(
        channel: Int(references[index]),
        place: Int(references[index &+ RangeTables.maximumReferences]))
    }
  }

  @inline(__always)
  func channel(_ channel: Int) -> Channel {
    Channel(base + (Self.headerSize &+ channel &* Self.recordSize), base: base)
  }

  /// On how many earlier channels' symbols a channel's contexts depend, 0 to 4.
  public func references(ofChannel channel: Int) -> Int {
    self.channel(channel).referenceCount
  }

  /// A context's cumulative frequencies, alphabetSize + 1 of them.
  @inline(__always)
  func cumulative(context: UInt8) -> UnsafePointer<UInt16> {
    cumulative + Int(context) &* (alphabetSize &+ 1)
  }
}

/// An earlier channel's symbol that a context depends on.
struct RangeReference: Hashable {
  var channel: Int
  /// Rows down, -1, 0 or 1; the same row where there is none.
  var down: Int
  /// Columns to the right, 0 or 1; the same column where there is none.
  var right: Int

  init(channel: Int, down: Int, right: Int) {
    self.channel = channel
    self.down = down
    self.right = right
  }

  /// - Parameter place: 0 to 5: 3 · right + down + 1.
  init(channel: Int, place: Int) {
    self.channel = channel
    down = place % 3 &- 1
    right = place / 3
  }

  var place: Int { 3 * right + down + 1 }
  static let places = 6
}
