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
    var reader = BitReader(payload)
    var position = 0
    var ordinal = 0  // of the code, in its epoch
    while position < symbolCount {
      let size = alphabetSize + ordinal
      guard let bits = reader.read(bits: LZW.codeWidth(dictionarySize: size)) else {
        throw .truncated(symbolsDecoded: position, symbolCount: symbolCount)
      }
      let code = Int(bits)
      guard code < size else { throw .undefinedCode(code: code, dictionarySize: size) }
      starts[ordinal] = UInt32(position)
      if code < alphabetSize {
        output[position] = UInt8(code)
        position += 1
      } else {
        let entry = code - alphabetSize
        let source = Int(starts[entry])
        let length = Int(starts[entry + 1]) - source + 1
        guard length <= symbolCount - position else { throw .overrun(symbolCount: symbolCount) }
        // Forwards, a symbol at a time: the newest entry's last symbol is the first written here.
        for offset in 0..<length { output[position + offset] = output[source + offset] }
        position += length
      }
      ordinal += 1
      if ordinal == codesPerEpoch { ordinal = 0 }
    }
    try reader.checkEnd()
  }
}
