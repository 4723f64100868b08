/// The scheme that a plan's bundle names; the raw values are those of the plan image.
public enum PlanScheme: UInt8, Equatable, Sendable {
  /// A bare model.
  case none = 0
  case agilenn = 1
  case mcunet = 2
  case edgeOnly = 3
  case deepcod = 4
  case spinn = 5
}
