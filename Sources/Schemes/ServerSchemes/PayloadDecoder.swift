import FeatureCoding

/// Decodes the payload of one request while it comes, in pieces of any size.
///
/// After an error it is not used again, and neither after ``finish(_:symbolCount:)``.
public final class PayloadDecoder {
  private let path: ServerPath
  private let symbols: UnsafeMutableRawBufferPointer
  private let workspace: UnsafeMutableRawBufferPointer
  private var decoder: SymbolDecoder
  private var payloadBytes = 0

  init(_ path: ServerPath) {
    let code = path.code
    self.path = path
    symbols = .allocate(byteCount: path.symbolCount, alignment: 1)
    workspace = .allocate(
      byteCount: SymbolDecoder.workspaceSize(
        coder: code.coder, alphabetSize: code.alphabetSize),
      alignment: SymbolDecoder.workspaceAlignment)
    do {
      decoder = try SymbolDecoder(
        code.coder, shape: code.shape, alphabetSize: code.alphabetSize, tables: code.tables,
        workspace: workspace)
      try decoder.begin(into: symbols)
    } catch {
      preconditionFailure("the path's code was checked when the bundle was read: \(error)")
    }
  }

  deinit {
    symbols.deallocate()
    workspace.deallocate()
  }

  /// How many symbols, from the first on, the bytes so far make certain.
  public var certainSymbols: Int { decoder.symbolsDecoded }

  /// Takes the next bytes of the payload, which is going on.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) {
    try count(bytes)
    try decoding { () throws(CodingError) in try decoder.append(bytes) }
  }

  /// Takes the last bytes of a payload that codes exactly the first `symbolCount` symbols of the
  /// image.
  public func finish(
    _ bytes: UnsafeRawBufferPointer, symbolCount: Int
  ) throws(PayloadError) -> DecodedPayload {
    guard symbolCount <= path.symbolCount else {
      throw .tooManySymbols(count: symbolCount, limit: path.symbolCount)
    }
    try count(bytes)
    try decoding { () throws(CodingError) in
      try decoder.finish(bytes, symbols: symbolCount)
    }
    return cut()
  }

  /// The payload stops here: the symbols that are certain.
  public func cut() -> DecodedPayload {
    DecodedPayload(symbols: Array(symbols[..<certainSymbols]))
  }

  private func count(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) {
    guard bytes.count <= path.maximumPayloadBytes - payloadBytes else {
      throw .tooLong(limit: path.maximumPayloadBytes)
    }
    payloadBytes += bytes.count
  }

  /// Decodes, and checks the symbols that are new.
  private func decoding(_ body: () throws(CodingError) -> Void) throws(PayloadError) {
    let before = certainSymbols
    do {
      try body()
      try path.values.check(symbols, in: before..<certainSymbols)
    } catch {
      throw .undecodable(error)
    }
  }
}
