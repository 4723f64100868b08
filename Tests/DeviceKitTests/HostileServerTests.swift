import Foundation
import OffloadWire
import SeededRandom
import Synchronization
import Testing

@testable import Link
@testable import Schemes

/// Whatever a server answers, the device answers locally and says why; it never crashes and never
/// takes a wrong answer for a right one.
@Suite struct HostileServerTests {
  static let logits: [Int8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

  static func device() throws -> AgileNNDevice {
    try AgileNNDevice(bundle: TinyBundle.load(), in: TinyBundle.setting())
  }

  /// What `device`, or one of its own, makes of the answer to its first request.
  static func failure(
    of device: AgileNNDevice? = nil,
    _ reply: @escaping @Sendable (ScriptedServer.Request) throws -> [UInt8]
  ) async throws -> OffloadFailure? {
    let device = try device ?? self.device()
    let inference = try await device.infer(
      TinyBundle.picture(0), over: ScriptedServer(reply))
    let receipt = inference.receipt
    if inference.offloadFailure != nil {
      #expect(receipt.source == .local)
      #expect(receipt.prediction.local != nil)
      #expect(receipt.prediction.combined == nil && receipt.prediction.remote == nil)
      #expect(!receipt.complete)
      #expect(receipt.bytes == .init())
      #expect(receipt.stages.total == receipt.stages.local + receipt.stages.compress)
    }
    return inference.offloadFailure
  }

  @Test func wellFormedAnswersPass() async throws {
    let failure = try await Self.failure { request in
      try ScriptedServer.prediction(id: request.id, logits: Self.logits)
    }
    #expect(failure == nil)
  }

  @Test func anotherRequestsAnswer() async throws {
    let failure = try await Self.failure { request in
      try ScriptedServer.prediction(id: request.id &+ 1, logits: Self.logits)
    }
    #expect(failure?.description == "the server answered request 1, not 0")
    #expect(failure?.linkSurvives == false)
  }

  @Test(arguments: [0, 9, 11, 200])
  func wrongNumberOfLogits(count: Int) async throws {
    let failure = try await Self.failure { request in
      try ScriptedServer.prediction(id: request.id, logits: Array(repeating: 1, count: count))
    }
    #expect(failure?.description == "the server answered with \(count) logits for 10 classes")
  }

  @Test func logitsOutOfRange() async throws {
    let failure = try await Self.failure { request in
      try ScriptedServer.prediction(
        id: request.id, logits: Self.logits, scale: .greatestFiniteMagnitude)
    }
    #expect(failure?.description == "the server answered with logits out of range")
  }

  /// What the server claims and what is made of it: an answer took 5 ms, and 1.005 ms are let pass.
  @Test func moreTimeThanPassed() async throws {
    let cases: [(times: (queue: UInt32, decode: UInt32, run: UInt32), isTaken: Bool)] = [
      ((0, 0, 6005), true), ((0, 0, 6006), false), ((2000, 2000, 2005), true),
      ((2000, 2000, 2006), false), ((6006, 0, 0), false), ((0, 6006, 0), false),
      ((.max, .max, .max), false),
    ]
    for (times, isTaken) in cases {
      let failure = try await Self.failure { request in
        try ScriptedServer.prediction(id: request.id, logits: Self.logits, times: times)
      }
      #expect((failure == nil) == isTaken, "\(times)")
      guard !isTaken else { continue }
      let sum = Int(times.queue) + Int(times.decode) + Int(times.run)
      #expect(
        failure?.description
          == "the server says that it worked \(sum) us, which is longer than its answer took")
      #expect(failure?.linkSurvives == false)
    }
  }

  /// Nothing waits for a time that was made up; a pinned time is not the server's to say.
  @Test func moreTimeThanPassedIsNotSpent() async throws {
    let counted = Mutex<[Double]>([])
    struct Watched: OffloadLink {
      let server: ScriptedServer
      let note: @Sendable (Double) -> Void

      func exchange(
        _ frame: [UInt8], serverMicroseconds: @Sendable ([UInt8], Double) -> Double
      ) async throws -> Exchange {
        let exchange = try await server.exchange(frame, serverMicroseconds: serverMicroseconds)
        note(exchange.serverMicroseconds)
        return exchange
      }
    }
    let link = Watched(
      server: ScriptedServer { request in
        try ScriptedServer.prediction(
          id: request.id, logits: Self.logits, times: (.max, .max, .max))
      }, note: { time in counted.withLock { $0.append(time) } })
    let measured = try await Self.device().infer(TinyBundle.picture(0), over: link)
    #expect(measured.offloadFailure != nil)
    let device = try AgileNNDevice(
      bundle: TinyBundle.load(), in: TinyBundle.setting(serverTime: .pinned(microseconds: 9000)))
    let pinned = try await device.infer(TinyBundle.picture(0), over: link)
    #expect(pinned.offloadFailure == nil && pinned.receipt.stages.run == 9000)
    #expect(counted.withLock { $0 } == [0, 9000])
  }

  @Test func aLongAnswer() async throws {
    let failure = try await Self.failure { _ in Array(repeating: 4, count: 100_000) }
    #expect(failure?.description == "the server answered with 100000 bytes")
  }

  @Test func errorsAreTold() async throws {
    for code in [WireErrorCode.busy, .internalFailure, .undecodable] {
      let failure = try await Self.failure { _ in
        try ErrorFrame.encoded(code: code, text: "too much")
      }
      #expect(
        failure?.description == "the server answered with an error (\(code)): too much")
      #expect(failure?.linkSurvives == !code.closesConnection)
    }
  }

  @Test func otherFrames() async throws {
    let welcome = try await Self.failure { _ in
      try Welcome(maximumBodyLength: 100).encoded()
    }
    #expect(welcome?.description == "the server answered with a frame of type welcome")
    let pong = try await Self.failure { _ in try Pong(nonce: 1).encoded() }
    #expect(pong?.description == "the server answered with a frame of type pong")
  }

  @Test func aLinkThatBreaks() async throws {
    let failure = try await Self.failure { _ in throw LinkError.lost(reason: "connection reset") }
    #expect(failure?.description == "server lost: connection reset")
    #expect(failure?.linkSurvives == false)
  }

  @Test func cancellationIsNoAnswer() async throws {
    await #expect(throws: CancellationError.self) {
      try await Self.failure { _ in throw LinkError.cancelled }
    }
  }

  @Test func truncatedAtEveryByte() async throws {
    let device = try Self.device()
    let size = try ScriptedServer.prediction(id: 0, logits: Self.logits).count
    for length in 0..<size {
      let failure = try await Self.failure(of: device) { request in
        Array(try ScriptedServer.prediction(id: request.id, logits: Self.logits)[..<length])
      }
      #expect(failure != nil, "\(length) of \(size) bytes")
    }
    let longer = try await Self.failure(of: device) { request in
      try ScriptedServer.prediction(id: request.id, logits: Self.logits) + [0]
    }
    #expect(longer != nil)
  }

  /// A flipped bit is noticed, or stands where any value is an answer: flags, scale, logits, and the
  /// low bits of times.
  @Test func everyBitFlipped() async throws {
    let whole = try ScriptedServer.prediction(id: 0, logits: Self.logits)
    let device = try Self.device()
    for bit in 0..<(8 * whole.count) {
      var frame = whole
      frame[bit / 8] ^= 1 << (bit % 8)
      let content = frame
      let server = ScriptedServer { request in
        var reply = content
        // The identifier goes with the request, so that the flip is what is looked at.
        for byte in 0..<4 {
          reply[8 + byte] ^= UInt8(truncatingIfNeeded: request.id >> (8 * UInt32(byte)))
        }
        return reply
      }
      let inference = try await device.infer(TinyBundle.picture(0), over: server)
      let mayPass = (bit / 8 == 12 && bit % 8 == 0) || bit / 8 >= 16
      let isTime = (20..<32).contains(bit / 8)
      // 965 µs and 2^13 more are longer than the answer took.
      let isLongTime = isTime && bit % 32 >= 13
      if !mayPass || isLongTime { #expect(inference.offloadFailure != nil, "bit \(bit)") }
    }
  }

  @Test func junk() async throws {
    var generator = SplitMix64(seed: 99)
    let device = try Self.device()
    for _ in 0..<500 {
      let length = Int.random(in: 0...300, using: &generator)
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let server = ScriptedServer { _ in bytes }
      #expect(
        try await device.infer(TinyBundle.picture(0), over: server).offloadFailure != nil)
    }
  }
}
