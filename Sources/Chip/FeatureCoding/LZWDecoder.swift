/// Decompresses what ``LZWEncoder`` writes, in a workspace of the caller's, without allocating.
///
/// An entry is a string of the output and the symbol after it, so the dictionary holds no strings:
/// it has where in the output each code of the epoch began, four bytes a code, 16,388 bytes at most.
///
/// Time: O(payload bytes + symbols), whatever the payload.
public struct LZWDecoder {
  let alphabetSize: Int
  private let codesPerEpoch: Int
  /// By code of the epoch, where its string begins in the output.
  private let starts: UnsafeMutablePointer<UInt32>
  private var output = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var reader = BitReader()
  /// Symbols that the bytes so far say for certain.
  public private(set) var symbolsDecoded = 0
  /// The next code's number in its epoch.
  private var ordinal = 0
  /// Bytes that came after the last symbol.
  private var left = 0

  public static let workspaceAlignment = 4

  /// Bytes of workspace for an alphabet.
  public static func workspaceSize(alphabetSize: Int) -> Int {
    4 * LZW.codesPerEpoch(alphabetSize: alphabetSize, codeLimit: LZW.codeLimit)
  }

  /// - Parameters:
  ///   - alphabetSize: 1...256.
  ///   - workspace: ``workspaceSize(alphabetSize:)`` bytes, aligned to ``workspaceAlignment``; it
  ///     must outlive the decoder. Its content does not matter.
  public init(alphabetSize: Int, workspace: UnsafeMutableRawBufferPointer) {
    self.init(alphabetSize: alphabetSize, workspace: workspace, codeLimit: LZW.codeLimit)
  }

  /// `codeLimit` is other than ``LZW/codeLimit`` in tests alone.
  init(alphabetSize: Int, workspace: UnsafeMutableRawBufferPointer, codeLimit: Int) {
    precondition(LZW.alphabetSizes.contains(alphabetSize))
    let codes = LZW.codesPerEpoch(alphabetSize: alphabetSize, codeLimit: codeLimit)
    guard codes > 0, workspace.count >= 4 * codes, let base = workspace.baseAddress else {
      preconditionFailure("the workspace cannot hold the dictionary")
    }
    precondition(Int(bitPattern: base) % Self.workspaceAlignment == 0)
    self.alphabetSize = alphabetSize
    codesPerEpoch = codes
    starts = base.bindMemory(to: UInt32.self, capacity: codes)
  }

  /// Begins a payload whose symbols go to `output`, one byte each: at most so many as it has.
  public mutating func begin(into output: UnsafeMutableRawBufferPointer) {
    precondition(output.count <= Int(Int32.max))
    self.output = output
    reader = BitReader()
    symbolsDecoded = 0
    ordinal = 0
    left = 0
  }

  /// Takes the payload's next bytes and decodes every code that is whole.
  ///
  /// The bytes must be settled ones: not those that end the payload. See ``SymbolDecoder``.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CodingError) {
    reader.feed(bytes)
    _ = try decode(upTo: output.count)
    left += reader.release()
  }

  /// Takes the payload's last bytes and ends it after exactly `symbols` symbols.
  public mutating func finish(
    _ bytes: UnsafeRawBufferPointer, symbols: Int
  ) throws(CodingError) {
    guard symbols >= 0, symbols <= output.count else {
      throw .outputTooSmall(capacity: output.count)
    }
    guard symbols >= symbolsDecoded else { throw .overrun(symbolCount: symbols) }
    reader.feed(bytes)
    guard try decode(upTo: symbols) else {
      throw .truncated(symbolsDecoded: symbolsDecoded, symbolCount: symbols)
    }
    try reader.checkEnd(leftBefore: left)
  }

  /// Decompresses exactly `symbolCount` symbols into `output`, each less than the alphabet's size.
  ///
  /// Throws if the payload does not hold them, or holds anything more. What `output` holds then is
  /// of no meaning; nothing is written beyond `symbolCount` bytes.
  public mutating func decode(
    _ payload: UnsafeRawBufferPointer, symbolCount: Int,
    into output: UnsafeMutableRawBufferPointer
  ) throws(CodingError) {
    guard symbolCount >= 0, symbolCount <= output.count, symbolCount <= Int(Int32.max) else {
      throw .outputTooSmall(capacity: output.count)
    }
    begin(into: UnsafeMutableRawBufferPointer(rebasing: output[..<symbolCount]))
    try finish(payload, symbols: symbolCount)
  }

  /// Whether there are `limit` symbols; false if the bytes ended before.
  private mutating func decode(upTo limit: Int) throws(CodingError) -> Bool {
    while symbolsDecoded < limit {
      let size = alphabetSize + ordinal
      guard let bits = reader.read(bits: LZW.codeWidth(dictionarySize: size)) else { return false }
      let code = Int(bits)
      guard code < size else { throw .undefinedCode(code: code, dictionarySize: size) }
      let position = symbolsDecoded
      starts[ordinal] = UInt32(position)
      if code < alphabetSize {
        output[position] = UInt8(code)
        symbolsDecoded += 1
      } else {
        let entry = code - alphabetSize
        let source = Int(starts[entry])
        let length = Int(starts[entry + 1]) - source + 1
        guard length <= limit - position else { throw .overrun(symbolCount: limit) }
        // Forwards, a symbol at a time: the newest entry's last symbol is the first written here.
        for offset in 0..<length { output[position + offset] = output[source + offset] }
        symbolsDecoded += length
      }
      ordinal += 1
      if ordinal == codesPerEpoch { ordinal = 0 }
    }
    return true
  }
}
