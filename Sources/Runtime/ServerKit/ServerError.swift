import Bundle
import OffloadWire

/// Why a server cannot start.
public enum ServerError: Equatable, Sendable, ExitStatusProviding, CustomStringConvertible {
  /// A bundle that does not go with its remote graphs, or of a scheme that has no server half.
  case unservable(bundle: String, reason: String)
  /// None of the bundles has anything for a server to do.
  case nothingToServe
  /// The address cannot be listened on.
  case cannotBind(address: String, reason: String)
  /// There is no token file, or it cannot be read.
  case missingTokenFile(path: String)
  /// A token that is empty or too long for a hello.
  case unusableToken(path: String, count: Int)

  public var exitStatus: Int32 {
    switch self {
    case .unservable, .unusableToken: ExitStatus.badData.rawValue
    case .nothingToServe, .missingTokenFile: ExitStatus.missingInput.rawValue
    case .cannotBind: ExitStatus.cannotBind.rawValue
    }
  }

  public var description: String {
    switch self {
    case .unservable(let bundle, let reason): "\(bundle): cannot be served: \(reason)"
    case .nothingToServe: "there is no bundle with a remote graph, so there is nothing to serve"
    case .cannotBind(let address, let reason): "cannot listen on \(address): \(reason)"
    case .missingTokenFile(let path): "\(path): no such token file"
    case .unusableToken(let path, let count):
      "\(path): the token has \(count) bytes, and 1 to \(WireProtocol.maximumTokenLength) can be sent"
    }
  }
}
