import BundleFormat
public import ExitStatus

/// Why a server cannot start.
public enum ServerError: Equatable, Sendable, ExitStatusProviding, CustomStringConvertible {
  /// A bundle that does not go with its remote graphs, or of a scheme that has no server half.
  case unservable(bundle: String, reason: String)
  /// None of the bundles has anything for a server to do.
  case nothingToServe
  /// The address cannot be listened on.
  case cannotBind(address: String, reason: String)

  public var exitStatus: Int32 {
    switch self {
    case .unservable: ExitStatus.badData.rawValue
    case .nothingToServe: ExitStatus.missingInput.rawValue
    case .cannotBind: ExitStatus.cannotBind.rawValue
    }
  }

  public var description: String {
    switch self {
    case .unservable(let bundle, let reason): "\(bundle): cannot be served: \(reason)"
    case .nothingToServe: "there is no bundle with a remote graph, so there is nothing to serve"
    case .cannotBind(let address, let reason): "cannot listen on \(address): \(reason)"
    }
  }
}
