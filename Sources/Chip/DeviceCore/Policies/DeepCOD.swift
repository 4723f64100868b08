import MCUKernels

/// DeepCOD: an encoder on the device, decoder and classifier on the server, no answer of the
/// device's own.
///
/// Yao and others, SenSys 2020.
enum DeepCOD {
  static func path(of plan: Plan, under conditions: PathConditions) -> Int? {
    plan.firstPath(hasRemote: true)
  }
}
