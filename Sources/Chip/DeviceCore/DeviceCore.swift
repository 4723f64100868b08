import FeatureCoding
public import MCUKernels
import OffloadWire

/// The device program: what the chip does from an image to its answer.
///
/// A state machine. It is told what has happened and when, and says what is to be done; whoever
/// drives it has the core, the radio and the clock: the emulator on a board and a link, the firmware
/// on the chip, a test by hand. It knows no socket and no clock, allocates nothing, and all its
/// arithmetic is the same on host and chip to the bit.
///
///     var actions = core.handle(.image, at: now)
///     while let work = actions.work {
///       let done = try core.perform(work)             // on the chip this takes its time
///       actions = core.handle(.workDone, at: later)
///     }
///
/// One image is in hand at a time. An image that comes before its forerunner's answer takes its
/// place; it may come only while the core has no work under way, because the work's memory is one
/// with the camera's.
public struct DeviceCore {
  public let plan: Plan
  public let memory: DeviceMemory
  public let settings: DeviceSettings
  /// What has been learnt of the link.
  public internal(set) var link: LinkEstimate
  /// Whether there is a connection.
  public internal(set) var linkIsUp = false
  /// The work that the core was given and has not ended.
  public internal(set) var underway: DeviceWork?

  var speed = CoreEstimate()
  var estimates = PathEstimates()
  /// Whether there has been an image.
  private var hasBegun = false
  var image: ImageState
  /// The coding of the path that was taken last; opening its tables takes time.
  var coding: PathCoding?
  private var codingPath = 0
  var transmitter: Transmitter
  /// The next request's number.
  var nextRequest: UInt32 = 0
  /// The last request that was sent whole and has had no answer, and when its last byte was.
  var lastRequest: (number: UInt32, sentAt: Microseconds)?
  /// A request that the server may still work on, though nobody waits for it any more.
  var abandoned: UInt32?
  /// The latest instant that was told: a clock that jumps back does not turn time back.
  var clock: Microseconds = 0
  var workSince: Microseconds = 0
  /// What the work that is under way has come to, which counts from its end on.
  var outcome: WorkOutcome?
  /// No sum of a few instants and durations overflows.
  private static let endOfTime: Microseconds = 1 << 61

  /// - Parameters:
  ///   - plan: of a bundle; it has a camera's image and a path.
  ///   - memory: as large as ``DeviceMemory/Sizes`` says for the plan.
  /// - Throws: ``DeviceFault``.
  public init(
    plan: Plan, memory: DeviceMemory, settings: DeviceSettings
  ) throws(DeviceFault) {
    // A camera's image is converted by an operator at least.
    guard plan.inputIndex(role: .camera) != nil, plan.pathCount > 0, plan.operatorCount > 0 else {
      throw .unusablePlan
    }
    if let path = settings.path, !(0..<plan.pathCount).contains(path) { throw .noPath }
    let sizes = try DeviceMemory.Sizes(of: plan)
    guard memory.arena.count >= sizes.arena, memory.workspace.count >= sizes.workspace,
      memory.transmit.count >= sizes.transmit, memory.receive.count >= sizes.receive
    else { throw .outOfMemory }
    self.plan = plan
    self.memory = memory
    self.settings = settings
    image = ImageState(idleOn: plan.path(0))
    link = LinkEstimate(bytesPerSecond: settings.bytesPerSecond)
    if sizes.estimates > 0 {
      let memory = memory.workspace[(sizes.workspace - sizes.estimates)..<sizes.workspace]
      estimates = PathEstimates(in: UnsafeMutableRawBufferPointer(rebasing: memory))
    }
    transmitter = Transmitter(
      in: UnsafeMutableRawBufferPointer(rebasing: memory.transmit[..<sizes.transmit]),
      payload: PathCoding.payloadRoom)
  }

  /// Where the camera's image goes, uint8 [height,width,3]; it is used up by the run.
  public var camera: PlanTensor {
    guard let index = plan.inputIndex(role: .camera) else { preconditionFailure() }
    return plan.input(index)
  }

  /// Bytes of the longest body that the program sends on any of the plan's paths.
  public static func longestBody(of plan: Plan) throws(DeviceFault) -> Int {
    var payload = 0
    for number in 0..<plan.pathCount {
      guard let send = plan.path(number).send else { continue }
      payload = max(payload, try PathCoding(send).longestPart)
    }
    return End.maximumBodyLength(payloadBytes: payload)
  }

  /// Whether the image in hand is answered, or there is none.
  public var isIdle: Bool { image.isAnswered }

  /// Whether the receive buffer holds a prediction that is still needed; no frame may be put there.
  public var holdsPrediction: Bool {
    !image.isAnswered && image.symbolsUsed != nil
  }

  /// Whether the device has an answer of its own on the path that it takes without a link.
  public var answersAlone: Bool {
    path(linkIsUp: false).map { $0.path.lastDeviceExit != nil } ?? false
  }

  /// Whether some path that may be taken has a server's half.
  public var wantsServer: Bool { path(linkIsUp: true)?.path.hasRemote ?? false }

  /// Takes in an event and says what is to be done.
  ///
  /// - Parameter now: from a clock that does not go back; an instant before the last one's counts as
  ///   that one, and one after 2^61 microseconds as that.
  public mutating func handle(
    _ event: DeviceEvent, at now: Microseconds
  ) throws(DeviceFault) -> DeviceActions {
    clock = max(clock, min(now, Self.endOfTime))
    var actions = DeviceActions()
    switch event {
    case .image: try begin()
    case .workDone: try endWork()
    case .sent:
      if let sent = transmitter.sent(at: clock) {
        link.sent(bytes: sent.bytes, in: sent.time)
        if let request = sent.ended { lastRequest = (request, clock) }
      }
    case .received(let bytes): receive(bytes, &actions)
    case .timer: break
    case .linkUp: linkIsUp = true
    case .linkLost: loseLink()
    }
    conclude(&actions)
    try startWork(&actions)
    if linkIsUp, let send = transmitter.send(at: clock) {
      actions.send = send
      if image.request != nil { image.isRequestBegun = true }
    }
    // Once it has come, the program waits for its own answer alone.
    if !image.isAnswered, let due, due > clock { actions.timer = due }
    return actions
  }

  /// Begins the image that lies in the camera's tensor.
  private mutating func begin() throws(DeviceFault) {
    guard underway == nil else { throw .outOfTurn }
    abandonRequest()
    if hasBegun { estimates.take(image) } else { estimates.clear() }
    hasBegun = true
    guard let choice = path(linkIsUp: linkIsUp) else { throw .noPath }
    var deadline: Microseconds?
    if let time = settings.deadline {
      let (sum, overflow) = clock.addingReportingOverflow(time)
      // A deadline behind the end of time would never be due.
      deadline = overflow ? Self.endOfTime : min(sum, Self.endOfTime)
    }
    // The range coder codes its first symbols in no bytes at all; a budget of none asks nobody.
    image = ImageState(
      path: choice.path, number: choice.number, deadline: deadline,
      offloads: linkIsUp && choice.path.hasRemote && settings.budget != 0)
    guard image.offloads, let send = choice.path.send else { return }
    if coding == nil || codingPath != choice.number {
      coding = try PathCoding(checked: send)
      codingPath = choice.number
    }
    try coding?.begin(in: memory)
  }

  /// The request of the image in hand is not waited for any more.
  mutating func abandonRequest() {
    guard let request = image.request, image.symbolsUsed == nil, image.offloads else {
      return
    }
    // What the radio has begun to send it sends to its end; what only waits was never said.
    transmitter.dropWaiting()
    abandoned = image.isRequestBegun ? request : image.withdrawn
    image.offloads = false
  }

  mutating func loseLink() {
    linkIsUp = false
    transmitter.reset()
    abandoned = nil
    lastRequest = nil
    guard !image.isAnswered, image.symbolsUsed == nil else { return }
    image.offloads = false
  }
}
