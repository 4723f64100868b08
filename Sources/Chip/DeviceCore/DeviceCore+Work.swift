import MCUKernels
import OffloadWire

extension DeviceCore {
  /// Gives the core its next piece of work, if it is free and there is any.
  mutating func startWork(_ actions: inout DeviceActions) throws(DeviceFault) {
    guard underway == nil, let work = try nextWork() else { return }
    underway = work
    workSince = clock
    actions.work = work
  }

  private mutating func nextWork() throws(DeviceFault) -> DeviceWork? {
    guard !image.isAnswered else { return nil }
    // Without overlap the core waits for the radio and for the server.
    let waits = !settings.overlaps && (transmitter.waitingBytes > 0 || image.isCoded)
    guard image.offloads, let send = image.path.send else { return nextExitWork() }
    guard !waits else { return nil }

    var blocks = send.blocks
    if asksExits, let index = exitOnTheWay(to: blocks) {
      let exit = image.path.exit(index).blocks & ~image.blocksRun
      if exit == 0 { return .ask(exit: index) }
      // What both need is part of the extraction.
      blocks = exit & blocks != 0 ? exit & blocks : exit
    }
    if let run = nextRun(for: blocks) { return .run(operators: run) }
    if asksExits, let work = nextQuestion() { return work }
    // Before a deadline the device's own answer must be known to be in time: the first image shows
    // how long it takes.
    let isUnmeasured = image.deadline != nil && speed.exits == 0
    if !settings.overlaps || isUnmeasured, let run = exitRun {
      return .run(operators: run)
    }
    if !image.isCoded, transmitter.hasRoom {
      var limit = CodingLimit(bytes: settings.budget)
      if let deadline = image.deadline { limit = codingLimit(before: deadline) }
      // Little that could be coded before the device's own answer has its turn is left for later.
      let room = (limit.symbols ?? .max) - image.symbolsSent
      if room >= Self.leastSymbols || exitRun == nil {
        image.codingLimit = limit
        return .code
      }
    }
    return exitRun.map { .run(operators: $0) }
  }

  /// The next work towards the device's own answer, where nothing is sent.
  @inline(__always)
  private func nextExitWork() -> DeviceWork? {
    if asksExits, let work = nextQuestion() { return work }
    return exitRun.map { .run(operators: $0) }
  }

  /// The operators up to the next exit that may answer alone, then the question how sure it is.
  private func nextQuestion() -> DeviceWork? {
    guard let index = image.path.askedExit(from: image.nextExit) else { return nil }
    if let run = nextRun(for: image.path.exit(index).blocks) { return .run(operators: run) }
    return .ask(exit: index)
  }

  /// The next exit that may answer alone, if it stands before what these blocks come to.
  @inline(__always)
  private func exitOnTheWay(to blocks: UInt32) -> Int? {
    guard let index = image.path.askedExit(from: image.nextExit) else { return nil }
    let missing = image.path.exit(index).blocks & ~image.blocksRun
    let ahead = blocks & ~image.blocksRun
    return missing.leadingZeroBitCount > ahead.leadingZeroBitCount ? index : nil
  }

  /// The operators that the last device exit still needs.
  @inline(__always)
  private var exitRun: Range<Int>? {
    guard let last = image.path.lastDeviceExit else { return nil }
    guard let run = nextRun(for: image.path.exit(last).blocks) else { return nil }
    // While there is something to code, or a deadline, the core is not bound for long.
    let isPatient = image.isCoded || !image.offloads
    return isPatient && image.deadline == nil ? run : run.lowerBound..<(run.lowerBound + 1)
  }

  /// The operators to run next of those that some blocks have, up to the first gap.
  ///
  /// A block cannot run any more once a later one has. So those that something else still needs take
  /// their turn, too.
  @inline(__always)
  private func nextRun(for blocks: UInt32) -> Range<Int>? {
    var missing = blocks & ~image.blocksRun
    guard missing != 0 else { return nil }
    let skipped = (UInt32.max >> UInt32(missing.leadingZeroBitCount)) & ~(missing | image.blocksRun)
    if skipped != 0 {
      missing |=
        skipped
        & image.path.blocks(sending: image.offloads, asking: asksExits ? image.nextExit : nil)
    }
    let first = missing.trailingZeroBitCount
    let start = image.operatorCursor ?? plan.block(first).lowerBound
    var end = plan.block(first).upperBound
    var next = first + 1
    while next < plan.blockCount, missing >> UInt32(next) & 1 == 1 {
      end = plan.block(next).upperBound
      next += 1
    }
    return start..<end
  }

  /// Fewer symbols than this are not coded before the device's own answer is there.
  private static let leastSymbols = 64

  /// What may be coded: within the budget, what the link carries before the deadline, and what leaves
  /// the device's own answer the time that it needs.
  private func codingLimit(before deadline: Microseconds) -> CodingLimit {
    var limit = CodingLimit(bytes: settings.budget)
    func left(after time: Microseconds) -> Microseconds {
      deadline - min(deadline, clock + time + CoreEstimate.answer)
    }
    if let bytes = link.bytes(in: left(after: link.turnaround)) {
      let headers = Transmitter.headers(ofPayload: bytes, opening: image.request == nil)
      let room = image.payloadBytes + max(0, bytes - headers - transmitter.waitingBytes)
      // A link that seems dead is asked again with little, or nothing would ever show that it is not.
      let least = image.payloadBytes == 0 ? PathCoding.leastPayload : 0
      limit.bytes = min(limit.bytes ?? .max, max(room, least))
    }
    if exitRun != nil {
      let rest = speed.exits - min(speed.exits, image.exitTime)
      limit.symbols = speed.symbols(in: left(after: rest + CoreEstimate.margin(of: rest)))
        .map { image.symbolsSent + $0 }
    }
    return limit
  }

  /// Performs a piece of work: the one that the core was given and has not ended. What it comes to
  /// counts from ``DeviceEvent/workDone`` on.
  ///
  /// - Returns: what it came to, for a cost model.
  /// - Throws: ``DeviceFault/outOfTurn`` for any other work.
  public mutating func perform(_ work: DeviceWork) throws(DeviceFault) -> DeviceWorkDone {
    guard work == underway, outcome == nil else { throw .outOfTurn }
    switch work {
    case .run(let operators):
      do throws(PlanError) {
        try plan.run(operators: operators, arena: memory.arena)
      } catch {
        throw .plan(error)
      }
      outcome = .ran
      return DeviceWorkDone()
    case .code: return try code()
    case .ask(let exit): return ask(exit)
    }
  }

  /// The core has ended its work.
  mutating func endWork() throws(DeviceFault) {
    guard let work = underway, let outcome else { throw .outOfTurn }
    underway = nil
    self.outcome = nil
    let time = clock - workSince
    guard !image.isAnswered else {
      transmitter.discardStaged()
      return
    }
    switch (work, outcome) {
    case (.run(let operators), _): endRun(operators, in: time)
    case (.ask(let exit), .asked(let isSure)):
      image.nextExit = exit + 1
      if isSure { image.confidentExit = exit }
    case (.code, .coded(let part)): endCoding(part, in: time)
    default: throw .outOfTurn
    }
  }

  private mutating func endRun(
    _ operators: Range<Int>, in time: Microseconds
  ) {
    var run = image.blocksRun
    var cursor: Int?
    for index in 0..<plan.blockCount {
      let block = plan.block(index)
      if block.upperBound > operators.lowerBound, block.upperBound <= operators.upperBound {
        run |= 1 << UInt32(index)
      } else if block.contains(operators.upperBound), operators.upperBound > block.lowerBound {
        cursor = operators.upperBound
      }
    }
    let wasSendable = image.path.send.map { $0.blocks & ~image.blocksRun == 0 } ?? false
    image.blocksRun = run
    image.operatorCursor = cursor
    guard wasSendable else {
      image.sendTime += time
      return
    }
    // What is sent was there before: this was a part of the way to the last exit.
    guard let last = image.path.lastDeviceExit else { return }
    image.exitTime += time
    if image.path.exit(last).blocks & ~run == 0 { speed.exits = image.exitTime }
  }

  private mutating func ask(_ index: Int) -> DeviceWorkDone {
    outcome = .asked(isSure: false)
    guard let exit = logits(ofExit: index) else { return DeviceWorkDone() }
    let record = image.path.exit(index)
    if let table = record.confidenceTable {
      let confidence = ExitConfidence.of(exit.values, table: table)
      outcome = .asked(isSure: confidence >= record.threshold)
    }
    var done = DeviceWorkDone()
    done.logits = exit.values.count
    return done
  }

  /// Codes the next part of the payload and lays it down for the radio.
  private mutating func code() throws(DeviceFault) -> DeviceWorkDone {
    // In place: a coding is some hundred bytes.
    guard let coder = coding?.coder,
      let part = try coding?.next(
        from: memory, into: transmitter.payloadRoom, limit: image.codingLimit)
    else { throw .outOfTurn }
    outcome = .coded(part)
    var done = DeviceWorkDone()
    done.coder = coder
    done.symbols = part.symbols
    done.references = part.references
    done.blocks = part.blocks
    done.pixels = part.pixels
    done.payloadBytes = part.bytes
    let sent = image.symbolsSent + part.symbols
    guard sent > 0 else { return done }
    // A number is used once, whatever becomes of the request.
    var opening: Infer?
    if image.request == nil {
      opening = Infer(id: nextRequest, path: UInt8(image.number), timeLeft: timeLeft)
    }
    do throws(WireError) {
      done.frameBytes = try transmitter.stage(
        cancelled: opening == nil ? nil : abandoned, opening: opening,
        request: image.request ?? nextRequest, payload: part.bytes,
        symbols: part.isLast ? UInt32(sent) : nil)
    } catch {
      throw .wire(error)
    }
    return done
  }

  private mutating func endCoding(
    _ part: PathCoding.Part, in time: Microseconds
  ) {
    speed.coded(part.symbols, in: time)
    guard image.offloads, image.symbolsUsed == nil else {
      transmitter.discardStaged()
      return
    }
    image.isCoded = part.isLast
    image.symbolsSent += part.symbols
    image.payloadBytes += part.bytes
    image.sendTime += time
    image.isCodedWhole = part.isLast
    guard image.symbolsSent > 0 else {
      // Not one symbol is to be sent: there is nothing to ask the server.
      image.offloads = false
      return
    }
    transmitter.commit()
    guard image.request == nil else { return }
    image.request = nextRequest
    nextRequest &+= 1
    image.withdrawn = abandoned
    abandoned = nil
  }

  /// What the server is told to have until its answer must leave; nil for no hurry.
  private var timeLeft: UInt32? {
    guard let deadline = image.deadline else { return nil }
    let end = clock + link.networkTime + CoreEstimate.answer
    return UInt32(clamping: min(deadline > end ? deadline - end : 0, UInt64(UInt32.max - 1)))
  }
}
