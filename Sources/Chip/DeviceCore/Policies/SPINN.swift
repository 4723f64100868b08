import MCUKernels

/// SPINN: one network with early exits, cut at one of several places; a scheduler picks the cut for the
/// link, the server's load and a target, and the device's exits are asked on the way.
///
/// Laskaridis and others, MobiCom 2020. Paths are the places of the cut, in the order of the
/// network: the later the cut, the more the device computes and, as a rule, the less it sends.
enum SPINN {
  /// Exits are part of the scheme: they are asked whatever the policy. Who wants accuracy above all has
  /// the whole network's answer, unless the user asks for confident ones.
  static func asksExits(_ settings: DeviceSettings) -> Bool {
    settings.target != .accuracy || settings.policy == .confident
  }

  /// Without a link the path without a server's half, or else the last cut, which has the most exits;
  /// with one the cut that is expected to cost the least: time, or energy where that is the target.
  ///
  /// The core's time and the bytes are those of the path's images before; a path that has had none
  /// counts as taking the core no time and a byte for each symbol, so that what may be good is tried. The
  /// server's time is the path's, too, or that of the last answers.
  static func path(of plan: Plan, under conditions: PathConditions) -> Int? {
    guard conditions.linkIsUp else {
      return plan.firstPath(hasRemote: false) ?? (plan.pathCount > 0 ? plan.pathCount - 1 : nil)
    }
    var best: (number: Int, cost: UInt64)?
    for number in 0..<plan.pathCount {
      guard let send = plan.path(number).send else { continue }
      let cost = cost(ofPath: number, symbols: send.symbolCount, under: conditions)
      if best == nil || cost < best?.cost ?? 0 { best = (number, cost) }
    }
    return best?.number ?? plan.firstPath(hasRemote: false)
  }

  /// In microseconds, or in nanojoules.
  private static func cost(
    ofPath number: Int, symbols: Int, under conditions: PathConditions
  ) -> UInt64 {
    let known = conditions.estimates[number]
    let bytes = known.payload > 0 ? Int(known.payload) : symbols
    let link = conditions.link
    let sending = min(link.time(forBytes: bytes), day)
    let server = known.knowsServer != 0 ? Microseconds(known.server) : link.serverTime
    let total = Microseconds(known.core) + sending + min(link.networkTime, day) + min(server, day)
    let power = conditions.power
    guard conditions.target == .energy, power.device > 0 else { return total }
    return total * UInt64(power.device) + sending * UInt64(power.sending)
  }

  /// As long as anything need be, in microseconds: sums and products stay within 64 bits.
  private static let day: Microseconds = 86_400_000_000
}
