/// Decodes the payload of one request while it comes, in pieces of any size.
///
/// After an error it is not used again, and neither after ``finish(_:symbolCount:)``.
public final class PayloadDecoder {
  private let path: ServerPath
  private let reader: any PayloadReader
  private var payloadBytes = 0

  init(_ path: ServerPath) {
    self.path = path
    reader = path.content.makeReader()
  }

  /// How many symbols, from the first on, the bytes so far make certain.
  public var certainSymbols: Int { reader.certainSymbols }

  /// Takes the next bytes of the payload, which is going on.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) {
    try count(bytes)
    try reader.append(bytes)
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
    return try reader.finish(bytes, symbolCount: symbolCount)
  }

  /// The payload stops here: the symbols that are certain.
  public func cut() -> DecodedPayload { reader.cut() }

  private func count(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) {
    guard bytes.count <= path.maximumPayloadBytes - payloadBytes else {
      throw .tooLong(limit: path.maximumPayloadBytes)
    }
    payloadBytes += bytes.count
  }
}
