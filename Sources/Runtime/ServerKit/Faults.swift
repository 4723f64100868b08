import OffloadWire
import ServerSchemes

/// Why the server closes a connection: what its error frame says.
struct ConnectionFault: Error, Equatable, Sendable {
  let code: WireErrorCode
  let message: String

  init(_ code: WireErrorCode, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// Why one request has no prediction: what its refusal says. The connection stays open.
struct RequestFailure: Error, Equatable, Sendable {
  let code: RefusalCode
  let message: String
  /// 0: the server does not say.
  let retryAfterMilliseconds: UInt32

  init(_ code: RefusalCode, _ message: String, retryAfterMilliseconds: UInt32 = 0) {
    self.code = code
    self.message = message
    self.retryAfterMilliseconds = retryAfterMilliseconds
  }
}

/// Turns what the wire's decoders throw into what the device is told.
func decoding<Value>(_ body: () throws(WireError) -> Value) throws(ConnectionFault) -> Value {
  do {
    return try body()
  } catch {
    throw ConnectionFault(error.code, "\(error)")
  }
}

/// Turns what is wrong with a payload into what the device is told.
func decodingPayload<Value>(
  _ body: () throws(PayloadError) -> Value
) throws(ConnectionFault) -> Value {
  do {
    return try body()
  } catch .tooLong(let limit) {
    throw ConnectionFault(.tooLarge, "\(PayloadError.tooLong(limit: limit))")
  } catch {
    throw ConnectionFault(.undecodable, "\(error)")
  }
}
