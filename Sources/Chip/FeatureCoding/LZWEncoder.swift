/// Compresses symbols by LZW in a workspace of the caller's, without allocating.
///
/// The dictionary is a trie: by code, the first child, the next sibling and the last symbol, five
/// bytes an entry, 20,480 bytes at most. Beginning anew clears the alphabet's entries alone.
///
/// Time: siblings differ in their last symbol, so a symbol costs at most `alphabetSize`
/// comparisons, plus a constant for each code that is written: O(symbols · alphabetSize) at worst,
/// eight comparisons a symbol for an alphabet of eight. The content cannot make it slower.
public struct LZWEncoder {
  let alphabetSize: Int
  let codeLimit: Int
  private let capacity: Int
  private let workspaceBytes: Int
  private let firstChild: UnsafeMutablePointer<UInt16>
  private let nextSibling: UnsafeMutablePointer<UInt16>
  private let lastSymbol: UnsafeMutablePointer<UInt8>
  private var size: Int
  /// The code of the symbols not written yet, or -1 before the first.
  private(set) var pending = -1
  /// Symbols taken since the payload began.
  public private(set) var symbolsCoded = 0
  var writer = BitWriter(UnsafeMutableRawBufferPointer(start: nil, count: 0))

  private static let bytesPerEntry = 5
  public static let workspaceAlignment = 2

  /// Bytes of workspace for an alphabet, enough for any number of symbols, or for `symbols` of
  /// them, which may need fewer.
  public static func workspaceSize(alphabetSize: Int, symbols: Int = LZW.codeLimit) -> Int {
    let entries = alphabetSize + min(max(symbols, 0), LZW.codeLimit)
    return bytesPerEntry * min(entries, LZW.codeLimit)
  }

  /// - Parameters:
  ///   - alphabetSize: 1...256.
  ///   - workspace: ``workspaceSize(alphabetSize:symbols:)`` bytes, aligned to
  ///     ``workspaceAlignment``; it must outlive the encoder. Its content does not matter.
  public init(alphabetSize: Int, workspace: UnsafeMutableRawBufferPointer) {
    self.init(alphabetSize: alphabetSize, workspace: workspace, codeLimit: LZW.codeLimit)
  }

  /// `codeLimit` is other than ``LZW/codeLimit`` in tests alone.
  init(alphabetSize: Int, workspace: UnsafeMutableRawBufferPointer, codeLimit: Int) {
    precondition(LZW.alphabetSizes.contains(alphabetSize))
    let capacity = min(codeLimit, workspace.count / Self.bytesPerEntry)
    guard capacity >= alphabetSize, let base = workspace.baseAddress else {
      preconditionFailure("the workspace cannot hold the alphabet")
    }
    precondition(Int(bitPattern: base) % Self.workspaceAlignment == 0)
    self.alphabetSize = alphabetSize
    self.codeLimit = codeLimit
    self.capacity = capacity
    workspaceBytes = workspace.count
    firstChild = base.bindMemory(to: UInt16.self, capacity: capacity)
    nextSibling = (base + 2 * capacity).bindMemory(to: UInt16.self, capacity: capacity)
    lastSymbol = (base + 4 * capacity).bindMemory(to: UInt8.self, capacity: capacity)
    size = alphabetSize
  }

  /// Compresses symbols, each less than the alphabet's size, and returns the bytes written.
  ///
  /// ``worstCaseBytes(symbols:alphabetSize:)`` bytes of output suffice for any content.
  public mutating func encode(
    _ symbols: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(CodingError) -> Int {
    begin(output)
    for symbol in symbols { try append(symbol) }
    return try finish()
  }

  /// Begins a payload in `output`, for ``append(_:)`` and ``finish()``: so that symbols can be
  /// coded as they come, with no buffer for them.
  public mutating func begin(_ output: UnsafeMutableRawBufferPointer) {
    writer = BitWriter(output)
    pending = -1
    symbolsCoded = 0
    clear()
  }

  /// Takes the next symbol.
  @inline(__always)
  public mutating func append(_ symbol: UInt8) throws(CodingError) {
    guard Int(symbol) < alphabetSize else {
      throw .symbolOutOfRange(symbol: symbol, alphabetSize: alphabetSize)
    }
    symbolsCoded += 1
    guard pending >= 0 else {
      pending = Int(symbol)
      return
    }
    let child = child(of: pending, symbol: symbol)
    guard child == 0 else {
      pending = child
      return
    }
    try writer.write(UInt32(pending), bits: pendingWidth)
    if size == codeLimit { clear() } else { try insert(symbol, after: pending) }
    pending = Int(symbol)
  }

  /// Ends the payload and returns its bytes.
  public mutating func finish() throws(CodingError) -> Int {
    if pending >= 0 {
      try writer.write(UInt32(pending), bits: pendingWidth)
      pending = -1
    }
    return try writer.finish()
  }

  /// The code of a code's string and one symbol more, or 0: no child has code 0, which belongs to
  /// the alphabet.
  @inline(__always)
  func child(of parent: Int, symbol: UInt8) -> Int {
    var child = Int(firstChild[parent])
    while child != 0 {
      if lastSymbol[child] == symbol { return child }
      child = Int(nextSibling[child])
    }
    return 0
  }

  /// Bits of the code that is written next, and of the one after it.
  var pendingWidth: Int { LZW.codeWidth(dictionarySize: size) }
  var nextWidth: Int {
    LZW.codeWidth(dictionarySize: size == codeLimit ? alphabetSize : size + 1)
  }

  private mutating func insert(_ symbol: UInt8, after parent: Int) throws(CodingError) {
    guard size < capacity else { throw .workspaceTooSmall(capacity: workspaceBytes) }
    lastSymbol[size] = symbol
    nextSibling[size] = firstChild[parent]
    firstChild[size] = 0
    firstChild[parent] = UInt16(size)
    size += 1
  }

  private mutating func clear() {
    size = alphabetSize
    for code in 0..<alphabetSize { firstChild[code] = 0 }
  }
}
