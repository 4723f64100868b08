import MCUKernels

/// Edge-only: the image goes to the server whole, and there is no network on the device.
enum EdgeOnly {
  static func path(of plan: Plan, under conditions: PathConditions) -> Int? {
    plan.firstPath(hasRemote: true)
  }
}
