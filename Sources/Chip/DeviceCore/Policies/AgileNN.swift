import MCUKernels

/// AgileNN: the features to the server, the local network meanwhile, both answers combined.
///
/// Huang and Gao, MobiCom 2022.
enum AgileNN {
  /// The first path with a server's half, also without a link: its local exit is the device's own
  /// answer.
  static func path(of plan: Plan, under conditions: PathConditions) -> Int? {
    plan.firstPath(hasRemote: true) ?? plan.firstPath(hasRemote: false)
  }
}
