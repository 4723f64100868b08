public import ExitStatus

/// Why a bundle cannot be served.
public struct ServerSchemeError: Equatable, Sendable, ExitStatusProviding, CustomStringConvertible {
  public let description: String
  public var exitStatus: Int32 { ExitStatus.badData.rawValue }

  public init(_ description: String) {
    self.description = description
  }
}
