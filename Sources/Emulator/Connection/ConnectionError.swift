public import ExitStatus

/// Why a connection came to nothing, or to an end. Each is one line.
///
/// After any of these the connection is closed; the caller connects anew when it sees fit.
public enum ConnectionError: Error, Equatable, Sendable {
  /// No connection came about.
  case unreachable(host: String, port: Int, reason: String)
  /// The connection broke, or the server closed it.
  case lost(reason: String)
  /// The server did not answer in time; its side may be half-open.
  case timedOut(seconds: Double)
  /// The server sent what the protocol does not allow.
  case protocolViolation(reason: String)
  /// The task was cancelled.
  case cancelled
}

extension ConnectionError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreachable(let host, let port, let reason):
      "server \(host):\(port) is unreachable: \(reason)"
    case .lost(let reason):
      "server lost: \(reason)"
    case .timedOut(let seconds):
      "server lost: no answer within \(seconds) s"
    case .protocolViolation(let reason):
      "server lost: it broke the protocol: \(reason)"
    case .cancelled:
      "waiting for the server was cancelled"
    }
  }
}

extension ConnectionError: ExitStatusProviding {
  public var exitStatus: Int32 {
    switch self {
    case .unreachable: ExitStatus.unreachable.rawValue
    case .lost, .timedOut, .protocolViolation, .cancelled: ExitStatus.lost.rawValue
    }
  }
}
