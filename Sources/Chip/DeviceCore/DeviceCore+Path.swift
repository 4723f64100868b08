import MCUKernels

extension DeviceCore {
  /// A path and its number in the plan.
  typealias Choice = (path: PlanPath, number: Int)

  /// The path that is taken for the next image: the user's, or the scheme's.
  @inline(__always)
  func path(linkIsUp: Bool) -> Choice? {
    if let number = settings.path { return (plan.path(number), number) }
    let conditions = PathConditions(
      linkIsUp: linkIsUp, link: link, estimates: estimates, target: settings.target,
      power: settings.power)
    let number: Int?
    switch plan.scheme {
    case .agilenn, .none: number = AgileNN.path(of: plan, under: conditions)
    case .mcunet: number = MCUNet.path(of: plan, under: conditions)
    case .edgeOnly: number = EdgeOnly.path(of: plan, under: conditions)
    case .deepcod: number = DeepCOD.path(of: plan, under: conditions)
    case .spinn: number = SPINN.path(of: plan, under: conditions)
    }
    return number.map { (plan.path($0), $0) }
  }

  /// Whether device exits are asked, in their order, before anything is sent.
  var asksExits: Bool {
    switch plan.scheme {
    case .spinn: SPINN.asksExits(settings)
    case .agilenn, .mcunet, .edgeOnly, .deepcod, .none: settings.policy == .confident
    }
  }

  /// The last device exit whose logits are there.
  // Inlined, as others of the kind are: a call from a mutating function copies the whole program's
  // state to hand it over.
  @inline(__always)
  var readyExit: Int? {
    if image.confidentExit >= 0 { return image.confidentExit }
    var index = image.path.exitCount
    while index > 0 {
      index -= 1
      let exit = image.path.exit(index)
      if !exit.isServer, exit.blocks & ~image.blocksRun == 0 { return index }
    }
    return nil
  }
}

extension PlanPath {
  /// The number of the last exit on the device, whose answer is the device's own.
  var lastDeviceExit: Int? {
    var index = exitCount
    while index > 0 {
      index -= 1
      if !exit(index).isServer { return index }
    }
    return nil
  }

  /// The number of the first exit from `index` on that may answer alone.
  func askedExit(from index: Int) -> Int? {
    var index = index
    while index < exitCount {
      let exit = exit(index)
      if !exit.isServer, exit.threshold <= 1 { return index }
      index += 1
    }
    return nil
  }

  /// Blocks of all that an image may need: of what is sent, of the exits that are asked from one of
  /// them on, and of the last exit.
  func blocks(sending: Bool, asking first: Int?) -> UInt32 {
    var blocks: UInt32 = 0
    if sending, let send { blocks = send.blocks }
    if let last = lastDeviceExit { blocks |= exit(last).blocks }
    var asked = first.flatMap { askedExit(from: $0) }
    while let index = asked {
      blocks |= exit(index).blocks
      asked = askedExit(from: index + 1)
    }
    return blocks
  }
}

/// What a scheme chooses a path by.
struct PathConditions {
  let linkIsUp: Bool
  let link: LinkEstimate
  let estimates: PathEstimates
  let target: DeviceSettings.Target
  let power: DeviceSettings.Power
}

extension Plan {
  /// The first path that has, or has not, a server's half.
  func firstPath(hasRemote: Bool) -> Int? {
    for number in 0..<pathCount where path(number).hasRemote == hasRemote { return number }
    return nil
  }
}
