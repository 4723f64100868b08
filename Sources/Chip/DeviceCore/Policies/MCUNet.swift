import MCUKernels

/// MCUNet: the whole network on the device; no server.
///
/// Lin and others, NeurIPS 2020.
enum MCUNet {
  static func path(of plan: Plan, under conditions: PathConditions) -> Int? {
    plan.firstPath(hasRemote: false)
  }
}
