import BundleFormat
import Connection
public import ExitStatus
public import OffloadWire

/// Why the device and a server did not come together. Each is one line.
public enum SessionError: Error, Equatable, Sendable {
  case unreachable(ServerAddress, reason: String)
  /// It answered hello with an error frame.
  case refused(ServerAddress, WireErrorCode, String)
  /// What listens there does not speak our protocol.
  case notOurs(ServerAddress, reason: String)
  /// It does not take requests as long as the bundle's may be; both are bytes of a frame's body.
  case requestsTooLong(ServerAddress, longest: Int, limit: Int)
}

extension SessionError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreachable(let address, let reason):
      "the server at \(address) cannot be reached: \(reason)"
    case .refused(let address, .bundleMismatch, _):
      "the server at \(address) does not have this bundle: the digests of bundle.json differ"
    case .refused(let address, let code, let message):
      "the server at \(address) refuses this device (\(code)): \(message)"
    case .notOurs(let address, let reason):
      "what listens at \(address) is no server of this protocol: \(reason)"
    case .requestsTooLong(let address, let longest, let limit):
      "the server at \(address) takes requests of \(limit) bytes, this bundle's can have \(longest)"
    }
  }
}

extension SessionError: ExitStatusProviding {
  public var exitStatus: Int32 {
    switch self {
    case .unreachable: 69
    case .refused(_, .bundleMismatch, _), .requestsTooLong: 76
    case .refused, .notOurs: 69
    }
  }
}

extension SessionError {
  /// What went wrong before there was a session.
  init(_ error: ConnectionError, at address: ServerAddress) {
    switch error {
    case .unreachable(_, _, let reason), .lost(let reason):
      self = .unreachable(address, reason: reason)
    case .protocolViolation(let reason):
      self = .notOurs(address, reason: reason)
    case .timedOut, .cancelled:
      self = .unreachable(address, reason: "\(error)")
    }
  }
}
