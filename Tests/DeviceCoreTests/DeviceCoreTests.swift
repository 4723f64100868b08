import DeviceCore
import MCUKernels
import OffloadWire
import TestBundles
import Testing

/// What the device program does, step by step.
@Suite struct DeviceCoreTests {
  static let logits: [Int8] = [1, 2, 3, 4, 5, 6, 7, 80, 9, 10]
  static let symbols = 80

  /// The program up to the transmission of a whole request: features first, then coding, then the
  /// local network while the radio is busy.
  @Test func featuresGoBeforeTheLocalNetwork() throws {
    var driver = try HandDriver()
    #expect(try driver.tell(.linkUp, at: 0) == DeviceActions())
    var actions = try driver.show(0, at: 10)
    guard case .run(let extract)? = actions.work else {
      Issue.record("\(actions)")
      return
    }
    #expect(extract.lowerBound == 0)
    #expect(actions.send == nil && actions.timer == nil && actions.answer == nil)

    actions = try driver.end(.run(operators: extract), at: 20)
    #expect(actions.work == .code)
    actions = try driver.end(.code, at: 30)
    #expect(driver.done.symbols == Self.symbols)
    let range = try #require(actions.send)
    let frames = try driver.frames(range)
    #expect(frames.first == .infer(id: 0, path: 0, timeLeft: nil))
    guard case .end(0, UInt32(Self.symbols), let payload) = frames.last, frames.count == 2 else {
      Issue.record("\(frames)")
      return
    }
    #expect(payload.count == driver.done.payloadBytes)
    guard case .run(let local)? = actions.work else {
      Issue.record("\(actions)")
      return
    }
    #expect(local.lowerBound == extract.upperBound)
    #expect(local.upperBound == driver.core.plan.operatorCount)
    #expect(try driver.tell(.sent, at: 40).answer == nil)
    #expect(try driver.end(.run(operators: local), at: 50).answer == nil)
    actions = try driver.receive(
      id: 0, logits: Self.logits, symbolsUsed: UInt32(Self.symbols), at: 60)
    let answer = try #require(actions.answer)
    #expect(answer.source == .combined)
    #expect(answer.remote == 7)
    #expect(answer.local >= 0 && answer.combined >= 0)
    #expect(answer.symbolsSent == Self.symbols && answer.symbolsUsed == Self.symbols)
    #expect(driver.core.isIdle)
  }

  /// The prediction may come while the local network runs; its answer waits for the local one.
  @Test func anEarlyPredictionWaitsForTheLocalNetwork() throws {
    var (driver, local) = try Self.waiting()
    var actions = try driver.receive(
      id: 0, logits: Self.logits, symbolsUsed: UInt32(Self.symbols), at: 45)
    #expect(actions.answer == nil)
    #expect(driver.core.holdsPrediction)
    actions = try driver.end(local, at: 50)
    #expect(actions.answer?.source == .combined)
    #expect(!driver.core.holdsPrediction)
  }

  /// A driver whose request is sent and whose local network runs.
  static func waiting(
    _ settings: DeviceSettings = DeviceSettings(),
    editing edit: (inout [String: Any]) -> Void = { _ in }
  ) throws -> (HandDriver, DeviceWork) {
    var driver = try HandDriver(settings, editing: edit)
    _ = try driver.tell(.linkUp, at: 0)
    var actions = try driver.show(0, at: 10)
    actions = try driver.end(#require(actions.work), at: 20)
    actions = try driver.end(#require(actions.work), at: 30)
    let local = try #require(actions.work)
    _ = try driver.tell(.sent, at: 40)
    return (driver, local)
  }

  @Test func aPrefixIsSaid() throws {
    var (driver, local) = try Self.waiting { $0.weighPrefixes([1, 0.8, 0.6, 0.4, 0.3, 0.25]) }
    _ = try driver.end(local, at: 50)
    let answer = try driver.receive(id: 0, logits: Self.logits, symbolsUsed: 33, at: 60).answer
    #expect(answer?.source == .prefix)
    #expect(answer?.symbolsUsed == 33)
    #expect(answer?.symbolsAll == Self.symbols)
  }

  /// With one weight nobody knows what a prefix is worth: the device's own answer stands.
  @Test func aPrefixIsNotWeighedAsAWhole() throws {
    var (driver, local) = try Self.waiting()
    _ = try driver.end(local, at: 50)
    let answer = try driver.receive(id: 0, logits: Self.logits, symbolsUsed: 33, at: 60).answer
    #expect(answer?.source == .local)
    #expect(answer?.label == answer?.local)
    #expect(answer?.combined == -1)
    #expect(answer?.symbolsUsed == 33)
  }

  /// Without a link only what the local exit needs is run, in order, and nothing is coded.
  @Test func withoutALinkTheLocalNetworkAnswers() throws {
    var driver = try HandDriver()
    var actions = try driver.show(0, at: 10)
    var last = 0
    while let work = actions.work {
      guard case .run(let operators) = work else {
        Issue.record("\(work)")
        return
      }
      #expect(operators.lowerBound >= last)
      last = operators.upperBound
      actions = try driver.end(work, at: 20)
    }
    let answer = try #require(actions.answer)
    #expect(answer.source == .local && answer.local >= 0)
    #expect(answer.remote == -1 && answer.symbolsAll == 0)
  }

  @Test func aLinkThatIsLostCostsTheServersHalf() throws {
    var (driver, local) = try Self.waiting()
    #expect(try driver.tell(.linkLost, at: 45).answer == nil)
    let answer = try driver.end(local, at: 50).answer
    #expect(answer?.source == .local)
    #expect(answer?.symbolsAll == Self.symbols, "it was sent all the same")
  }

  @Test func aRefusalCostsTheServersHalf() throws {
    var (driver, local) = try Self.waiting()
    _ = try driver.end(local, at: 50)
    let actions = try driver.receive(
      Refusal.encoded(id: 0, code: .busy, retryAfterMilliseconds: 70, text: "later"), at: 60)
    #expect(actions.refusal == RefusalNotice(code: 9, retryAfterMilliseconds: 70))
    #expect(actions.answer?.source == .local)
    #expect(driver.core.linkIsUp)
  }

  /// Requests count up, and a late answer is nobody's.
  @Test func aLateAnswerIsNobodys() throws {
    var settings = DeviceSettings()
    settings.deadline = 1000
    var driver = try HandDriver(settings)
    _ = try driver.tell(.linkUp, at: 0)
    let first = try driver.untilSent(driver.show(0, at: 10), at: 20)
    #expect(first.first == .infer(id: 0, path: 0, timeLeft: 890))
    let due = try driver.tell(.timer, at: 910)
    #expect(due.answer?.source == .local)
    #expect(
      try driver.receive(
        id: 0, logits: Self.logits, symbolsUsed: UInt32(Self.symbols), at: 1200)
        == DeviceActions())
    _ = try driver.tell(.sent, at: 1300)

    // The next request withdraws the one before it, and has the next number.
    let second = try driver.untilSent(driver.show(1, at: 2000), at: 2010)
    #expect(second.first == .cancel(id: 0))
    guard case .infer(1, 0, let timeLeft?) = second[1] else {
      Issue.record("\(second)")
      return
    }
    #expect(timeLeft <= 900)
    let late = try driver.receive(
      id: 0, logits: Self.logits, symbolsUsed: UInt32(Self.symbols), at: 2030)
    #expect(late.answer == nil && late.linkFault == nil)
  }

  @Test func theDeadlineIsAskedFor() throws {
    var settings = DeviceSettings()
    settings.deadline = 5000
    var driver = try HandDriver(settings)
    _ = try driver.tell(.linkUp, at: 0)
    let actions = try driver.show(0, at: 10)
    let timer = try #require(actions.timer)
    #expect(timer > 10 && timer <= 5010)
  }

  @Test(arguments: [UInt64(0), 1, 50, 86_400_000_000])
  func oddDeadlines(deadline: Microseconds) throws {
    var settings = DeviceSettings()
    settings.deadline = deadline
    var driver = try HandDriver(settings)
    _ = try driver.tell(.linkUp, at: 0)
    var actions = try driver.show(0, at: .max - 5)
    var now = Microseconds.max - 4
    while actions.answer == nil, let work = actions.work {
      actions = try driver.end(work, at: now)
      now = .max
    }
    if deadline < 1000 { #expect(actions.answer?.source == .local) }
  }

  @Test(arguments: [0, 1, 2, 3, 5, 10, 20, 39, 40, 80, 1000])
  func theBudgetIsKept(budget: Int) throws {
    var settings = DeviceSettings()
    settings.budget = budget
    var driver = try HandDriver(settings)
    _ = try driver.tell(.linkUp, at: 0)
    var actions = try driver.show(0, at: 10)
    var payload: [UInt8] = []
    var symbols: UInt32?
    var now: Microseconds = 20
    while let work = actions.work, actions.answer == nil {
      actions = try driver.end(work, at: now)
      if let range = actions.send {
        for frame in try driver.frames(range) {
          payload += frame.payload
          if case .end(_, let count, _) = frame { symbols = count }
        }
      }
      now += 10
    }
    #expect(payload.count <= budget)
    if budget == 0 {
      #expect(actions.answer?.source == .local)
      #expect(payload.isEmpty)
    } else {
      #expect(symbols.map { $0 > 0 } == true)
    }
    if budget == 1000 { #expect(symbols == UInt32(Self.symbols)) }
  }

  /// Without overlap nothing happens on the core while the radio is at work.
  @Test func withoutOverlapOneThingAtATime() throws {
    var settings = DeviceSettings()
    settings.overlaps = false
    var driver = try HandDriver(settings)
    _ = try driver.tell(.linkUp, at: 0)
    var actions = try driver.show(0, at: 10)
    var now: Microseconds = 20
    while let work = actions.work {
      actions = try driver.end(work, at: now)
      now += 10
      #expect(actions.work == nil || actions.send == nil)
    }
    #expect(actions.send != nil && actions.answer == nil)
    #expect(try driver.tell(.sent, at: now).work == nil)
    #expect(
      try driver.receive(
        id: 0, logits: Self.logits, symbolsUsed: UInt32(Self.symbols), at: now + 10
      ).answer?.source == .combined)
  }

  @Test(arguments: [0.0, 0.05, 1.0])
  func aSureExitAnswersAlone(threshold: Double) throws {
    var settings = DeviceSettings()
    settings.policy = .confident
    var driver = try HandDriver(settings) { manifest in
      var paths = manifest["paths"] as? [[String: Any]] ?? []
      var exits = paths[0]["exits"] as? [[String: Any]] ?? []
      exits[0]["threshold"] = threshold
      paths[0]["exits"] = exits
      manifest["paths"] = paths
    }
    _ = try driver.tell(.linkUp, at: 0)
    var actions = try driver.show(0, at: 10)
    var sent = false
    var asked = false
    while let work = actions.work, actions.answer == nil {
      if case .ask = work { asked = true }
      actions = try driver.end(work, at: 20)
      sent = sent || actions.send != nil
    }
    #expect(asked)
    if threshold <= 0.05 {
      // Ten classes: the surest has a tenth at least.
      #expect(actions.answer?.source == .local && !sent)
    } else {
      #expect(actions.answer == nil && sent)
    }
  }

  @Test func outOfTurn() throws {
    var driver = try HandDriver()
    #expect(throws: DeviceFault.outOfTurn) { try driver.tell(.workDone, at: 0) }
    #expect(throws: DeviceFault.outOfTurn) { try driver.core.perform(.code) }
    let work = try #require(driver.show(0, at: 1).work)
    #expect(throws: DeviceFault.outOfTurn) { try driver.core.perform(.code) }
    #expect(throws: DeviceFault.outOfTurn) { try driver.show(1, at: 2) }
    #expect(throws: DeviceFault.outOfTurn) { try driver.tell(.workDone, at: 3) }
    _ = try driver.core.perform(work)
    #expect(throws: DeviceFault.outOfTurn) { try driver.core.perform(work) }
    #expect(try driver.tell(.workDone, at: 4).work != nil)
  }

  /// What a server must not send closes the link, and the image is answered all the same.
  @Test func whatNoServerSends() throws {
    let cases: [(LinkFault, [UInt8])] = [
      (.foreignAnswer, try Self.prediction(id: 1)),
      (.wrongLogits, try Self.prediction(id: 0, logits: [1, 2, 3])),
      (.wrongLogits, try Self.prediction(id: 0, scale: .greatestFiniteMagnitude)),
      (.impossibleCount, try Self.prediction(id: 0, symbolsUsed: 81)),
      (.serverError, try ErrorFrame.encoded(code: .undecodable, text: "no")),
      (.unexpected, try Pong(nonce: 1).encoded()),
      (.malformed, Array(try Self.prediction(id: 0).dropLast())),
      (.malformed, [1, 2, 3]),
    ]
    for (fault, frame) in cases {
      var (driver, local) = try Self.waiting()
      let actions = try driver.receive(frame, at: 45)
      #expect(actions.linkFault == fault)
      #expect(!driver.core.linkIsUp)
      #expect(try driver.end(local, at: 50).answer?.source == .local)
    }
  }

  static func prediction(
    id: UInt32, logits: [Int8] = logits, scale: Float = 0.5, symbolsUsed: UInt32 = 80
  ) throws -> [UInt8] {
    try logits.withUnsafeBytes { bytes in
      try Prediction(
        id: id, symbolsUsed: symbolsUsed, scale: scale, queueMicroseconds: 0,
        decodeMicroseconds: 0, runMicroseconds: 0, logits: bytes
      ).encoded()
    }
  }
}
