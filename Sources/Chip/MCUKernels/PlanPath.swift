/// One way to answer: what is sent, and where answers come from.
public struct PlanPath {
  private let plan: Plan
  private let record: PlanRecord

  init(plan: Plan, record: PlanRecord) {
    self.plan = plan
    self.record = record
  }

  /// Whether a server runs the path's other half; then there is a send, and one server exit.
  public var hasRemote: Bool {
    record.byte(PlanFormat.Path.flags) & PlanFormat.Path.flagRemote != 0
  }

  /// What goes to the server.
  public var send: PlanSend? {
    sendIndex.map { PlanSend(plan: plan, record: plan.sendRecord($0)) }
  }

  /// 1 to 16.
  public var exitCount: Int { Int(record.half(PlanFormat.Path.exitCount)) }

  /// Exit `index`, in the manifest's order. An index that the path does not have is a caller's bug.
  public func exit(_ index: Int) -> PlanExit {
    precondition(index >= 0 && index < exitCount)
    return PlanExit(plan: plan, record: plan.exitRecord(firstExit + index))
  }

  private var sendIndex: Int? {
    let index = record.half(PlanFormat.Path.send)
    return index == PlanFormat.Path.none ? nil : Int(index)
  }

  private var firstExit: Int { Int(record.half(PlanFormat.Path.firstExit)) }

  /// Whether the record is in range and its send and exits, which have been checked themselves, fit
  /// together.
  var isValid: Bool {
    typealias Path = PlanFormat.Path
    guard record.byte(Path.flags) & ~Path.flagRemote == 0, record.byte(1) == 0,
      record.isZero(Path.reserved..<PlanFormat.pathRecordSize),
      exitCount >= 1, exitCount <= PlanFormat.maximumExits, firstExit + exitCount <= plan.exitCount,
      (sendIndex != nil) == hasRemote
    else { return false }
    if let sendIndex, sendIndex >= plan.sendCount { return false }
    var servers = 0
    var lastDevice = -1
    for index in 0..<exitCount {
      if exit(index).isServer {
        servers += 1
      } else {
        lastDevice = index
      }
    }
    guard servers == (hasRemote ? 1 : 0) else { return false }
    for index in 0..<exitCount {
      guard let alpha = exit(index).alpha else { continue }
      guard index == lastDevice, let send, alpha.count == 1 || alpha.count == send.channels + 1
      else { return false }
    }
    return true
  }
}

/// A path is a view of the plan's immutable image.
extension PlanPath: @unchecked Sendable {}
