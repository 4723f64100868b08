/// Why a request has no prediction. The numbers are those of ``WireErrorCode`` where the names are.
public enum RefusalCode: UInt16, Sendable {
  /// The server could not run the remote network; it is not the device's fault.
  case internalFailure = 8
  /// The server has too much to do.
  case busy = 9
  /// The request's time ran out before a single symbol was certain.
  case expired = 10
}
