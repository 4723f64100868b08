/// An exchange with the server that brought no prediction.
public struct OffloadFailure: Error, CustomStringConvertible, Equatable, Sendable {
  /// What happened, in one line.
  public let description: String
  /// Whether the link can carry the next image's request: the server answered, and said no.
  public let linkSurvives: Bool

  public init(_ description: String, linkSurvives: Bool = false) {
    self.description = description
    self.linkSurvives = linkSurvives
  }
}
