/// Why the server closes a connection, as its error frame tells the device.
public enum WireErrorCode: UInt16, Sendable {
  /// The bytes are not a frame.
  case malformed = 1
  /// The server does not speak the hello's version.
  case unsupportedVersion = 2
  /// The server has no bundle with the hello's digest.
  case bundleMismatch = 3
  /// The server wants a token, and the hello has none or another.
  case unauthorised = 4
  /// The body, or a request's payload, is longer than the bundle allows.
  case tooLarge = 5
  /// The frame is not one that the device may send now.
  case outOfOrder = 6
  /// The payload is not what the bundle's coder writes, or its path has no remote graph.
  case undecodable = 7
  /// The server failed; it is not the device's fault.
  case internalFailure = 8
  /// The server has too many connections.
  case busy = 9
}
