import FeatureCoding
import MCUKernels

/// SPINN: one network with early exits, cut at one of several places; the device's exits are asked
/// on the way.
///
/// Laskaridis and others, MobiCom 2020. Paths are the places of the cut, in the order of the
/// network: the later the cut, the more the device computes and, as a rule, the less it sends.
enum SPINN {
  /// Exits are part of the scheme: they are asked whatever the policy.
  static func asksExits(_ policy: DeviceSettings.Policy) -> Bool { true }

  /// Without a link the path without a server's half, or else the last cut, which has the most exits;
  /// with one the cut whose symbols, at a byte each, take the least time on the air.
  static func path(of plan: Plan, under conditions: PathConditions) -> Int? {
    guard conditions.linkIsUp else {
      return plan.firstPath(hasRemote: false) ?? (plan.pathCount > 0 ? plan.pathCount - 1 : nil)
    }
    var best: (number: Int, time: Microseconds)?
    for number in 0..<plan.pathCount {
      guard let send = plan.path(number).send else { continue }
      let time = conditions.link.time(forBytes: send.shape.count)
      if best == nil || time < best?.time ?? 0 { best = (number, time) }
    }
    return best?.number ?? plan.firstPath(hasRemote: false)
  }
}
