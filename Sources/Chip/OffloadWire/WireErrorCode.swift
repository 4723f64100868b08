/// What went wrong, as an error frame tells the device.
public enum WireErrorCode: UInt16, Sendable {
  /// The bytes are not a frame.
  case malformed = 1
  /// The server does not speak the hello's version.
  case unsupportedVersion = 2
  /// The server has no bundle with the hello's digest.
  case bundleMismatch = 3
  /// The server wants a token, and the hello has none or another.
  case unauthorised = 4
  /// The body is longer than the bundle allows.
  case tooLarge = 5
  /// The frame is not one that the device may send now.
  case outOfOrder = 6
  /// The payload is not what the bundle's coder writes, or its path has no remote graph.
  case undecodable = 7
  /// The server could not run the remote network; it is not the device's fault.
  case internalFailure = 8
  /// The server has too much to do.
  case busy = 9

  /// Whether the server closes the connection after the error frame.
  ///
  /// After the others the device may send its next frame.
  public var closesConnection: Bool {
    switch self {
    case .internalFailure, .busy: false
    case .malformed, .unsupportedVersion, .bundleMismatch, .unauthorised, .tooLarge, .outOfOrder,
      .undecodable:
      true
    }
  }
}
