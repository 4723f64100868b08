import NIOCore
import OffloadWire
import ServerSchemes

/// A frame as it came, whole or in part.
struct Frame {
  let type: FrameType
  let body: ByteBuffer

  /// Decodes the body; its views are good inside `decode` alone.
  func decoded<Value>(
    _ decode: (UnsafeRawBufferPointer) throws(WireError) -> Value
  ) throws(ConnectionFault) -> Value {
    let result = body.withUnsafeReadableBytes { bytes in
      Result { () throws(WireError) in try decode(bytes) }
    }
    return try decoding { () throws(WireError) in try result.get() }
  }
}

// A chunk or an end, as much of it as is there.
extension Frame {
  /// nil for another frame, or where the id is not there yet.
  var requestID: UInt32? {
    guard payloadStart != nil else { return nil }
    return body.getInteger(at: body.readerIndex, endianness: .little, as: UInt32.self)
  }

  /// Whether the payload's bytes could be a chunk's: a coder ends some of an image's symbols with
  /// bytes that mean something else where more bytes follow.
  func goesOn(symbolsOfPath count: Int) -> Bool {
    guard type == .end else { return true }
    let symbols = body.getInteger(
      at: body.readerIndex + 4, endianness: .little, as: UInt32.self)
    return symbols.map { $0 == .max || Int($0) == count } ?? false
  }

  /// Hands out the payload; it is good inside `decode` alone.
  func decodePayload<Value>(
    _ decode: (UnsafeRawBufferPointer) throws(PayloadError) -> Value
  ) throws(ConnectionFault) -> Value {
    let start = min(payloadStart ?? .max, body.readableBytes)
    let result = body.dropping(start).withUnsafeReadableBytes { bytes in
      Result { () throws(PayloadError) in try decode(bytes) }
    }
    return try decodingPayload { () throws(PayloadError) in try result.get() }
  }

  /// Where in the body the payload begins; nil for a frame that has none.
  private var payloadStart: Int? {
    switch type {
    case .chunk: Chunk.payloadOffset - FrameHeader.size
    case .end: End.payloadOffset - FrameHeader.size
    default: nil
    }
  }
}
