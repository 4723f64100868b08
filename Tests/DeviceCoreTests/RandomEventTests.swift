import DeviceCore
import Foundation
import OffloadWire
import SeededRandom
import Testing

/// Events in any order that a driver can bring about, by seed: whatever happens, each image has one
/// answer, never another image's, and the server only sees what the protocol allows.
///
/// A short form runs here; `AGILENN_LONG_TESTS=1 scripts/test --filter RandomEventTests` runs the whole.
@Suite struct RandomEventTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["AGILENN_LONG_TESTS"] == nil ? 300 : 20_000

  @Test(arguments: 0..<6)
  func eachImageHasItsOwnAnswer(variant: Int) throws {
    for round in 0..<Self.rounds / 6 {
      var world = try World(seed: UInt64(variant * 1_000_000 + round), variant: variant)
      for _ in 0..<300 { try world.step() }
      try world.drain()
      #expect(world.answered == world.shown, "seed \(variant) \(round)")
    }
  }

  /// Core, radio and server as one generator.
  private struct World {
    private var driver: HandDriver
    private var generator: SplitMix64
    private var now: Microseconds = 1000
    private var work: DeviceWork?
    private var onAir: [SentFrame]?
    private var linkIsUp = false
    private var imageIsOpen = false
    private(set) var shown = 0
    private(set) var answered = 0
    /// The request whose infer was sent last, whether it is open at the server, and its image.
    private var request: (id: UInt32, isOpen: Bool, isEnded: Bool, image: Int)?
    /// The image of each request whose prediction was delivered; a link that is lost afterwards does
    /// not take it back.
    private var delivered: [UInt32: Int] = [:]
    /// By request, the symbols that it said it had.
    private var sent: [UInt32: Int] = [:]
    private var images: [UInt32: Int] = [:]
    private var payload = 0
    private let budget: Int?

    init(seed: UInt64, variant: Int) throws {
      generator = SplitMix64(seed: seed)
      var settings = DeviceSettings()
      switch variant {
      case 1: settings.deadline = 3000
      case 2: settings.budget = 20
      case 3: settings.overlaps = false
      case 4:
        settings.deadline = 800
        settings.budget = 10
        settings.bytesPerSecond = 20_000
      case 5: settings.policy = .confident
      default: break
      }
      budget = settings.budget
      driver = try HandDriver(settings) { manifest in
        guard variant == 5 else { return }
        var paths = manifest["paths"] as? [[String: Any]] ?? []
        var exits = paths[0]["exits"] as? [[String: Any]] ?? []
        exits[0]["threshold"] = 0.3
        paths[0]["exits"] = exits
        manifest["paths"] = paths
      }
    }

    private mutating func pick(_ count: Int) -> Int {
      Int.random(in: 0..<count, using: &generator)
    }

    /// Something that may happen now.
    mutating func step() throws {
      now += UInt64(pick(400))
      switch pick(10) {
      case 0 where work == nil:
        guard !imageIsOpen || pick(4) == 0 else { return }
        // An image that takes its forerunner's place ends that one.
        if imageIsOpen { answered += 1 }
        imageIsOpen = true
        shown += 1
        payload = 0
        try take(driver.show(shown, at: now))
      case 1: try take(driver.tell(.timer, at: now))
      case 2 where pick(6) == 0: try toggleLink()
      case 3, 4: try endTransmission()
      case 5: try answerRequest()
      default: try endWork()
      }
    }

    /// Lets everything that is under way end, without a link at last.
    mutating func drain() throws {
      if linkIsUp { try toggleLink() }
      var left = 200
      while imageIsOpen, left > 0 {
        left -= 1
        now += 100
        try endWork()
      }
    }

    private mutating func toggleLink() throws {
      linkIsUp.toggle()
      onAir = nil
      request = nil
      try take(driver.tell(linkIsUp ? .linkUp : .linkLost, at: now))
    }

    private mutating func endWork() throws {
      guard let work else { return }
      self.work = nil
      try take(driver.end(work, at: now))
    }

    private mutating func endTransmission() throws {
      guard let frames = onAir else { return }
      onAir = nil
      for frame in frames { arrive(frame) }
      try take(driver.tell(.sent, at: now))
    }

    /// The server sees a frame: only what the protocol allows.
    private mutating func arrive(_ frame: SentFrame) {
      switch frame {
      case .cancel(let id):
        #expect(request?.id == id, "a cancel is for the request before")
        request?.isOpen = false
      case .infer(let id, let path, _):
        #expect(path == 0)
        #expect(request.map { $0.id < id && !$0.isOpen } ?? true, "one request at a time")
        request = (id, true, false, shown)
        images[id] = shown
      case .chunk(let id, let payload):
        #expect(request?.id == id && request?.isEnded == false && !payload.isEmpty)
      case .end(let id, let symbols, _):
        #expect(request?.id == id && request?.isEnded == false)
        #expect(symbols.map { $0 > 0 && $0 <= 80 } == true)
        sent[id] = symbols.map(Int.init)
        request?.isEnded = true
      }
    }

    /// The server answers, early, in time, late, or not as it should.
    private mutating func answerRequest() throws {
      guard linkIsUp, let request, !driver.core.holdsPrediction else { return }
      guard request.isOpen else {
        // The answer has crossed the cancel.
        if pick(3) == 0 { try deliver(request.id) }
        return
      }
      switch pick(8) {
      case 0:
        self.request?.isOpen = false
        try take(
          driver.receive(Refusal.encoded(id: request.id, code: .busy, text: ""), at: now))
      case 1:
        if request.id > 0 { try deliver(request.id - 1) }
      default:
        self.request?.isOpen = false
        try deliver(request.id)
      }
    }

    private mutating func deliver(_ id: UInt32) throws {
      var logits = [Int8](repeating: -10, count: 10)
      logits[Int(id % 10)] = 100
      delivered[id] = images[id]
      let actions = try driver.receive(
        id: id, logits: logits, symbolsUsed: UInt32(pick((sent[id] ?? 0) + 1)), at: now)
      #expect(actions.linkFault == nil)
      try take(actions)
    }

    private mutating func take(_ actions: DeviceActions) throws {
      if let next = actions.work {
        #expect(work == nil, "one piece of work at a time")
        work = next
      }
      if let range = actions.send {
        #expect(linkIsUp && onAir == nil, "one transmission at a time")
        let frames = try driver.frames(range)
        for frame in frames {
          if case .infer = frame { payload = 0 }
          payload += frame.payload.count
        }
        if let budget { #expect(payload <= budget) }
        onAir = frames
      }
      if let timer = actions.timer { #expect(timer > now) }
      if let answer = actions.answer {
        #expect(imageIsOpen, "one answer an image")
        imageIsOpen = false
        answered += 1
        #expect(answer.source != .none, "there is a local exit")
        if answer.remote >= 0 {
          let own = delivered.filter { $0.value == shown }.map { Int32($0.key % 10) }
          #expect(own.contains(answer.remote), "the answer to a request of this image's")
        }
      }
    }
  }
}
