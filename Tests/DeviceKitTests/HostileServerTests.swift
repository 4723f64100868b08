import Connection
import Foundation
import OffloadWire
import SeededRandom
import Synchronization
import Testing

@testable import DeviceKit

/// Whatever a server answers, the device answers locally and says why; it never crashes and never
/// takes a wrong answer for a right one.
@Suite struct HostileServerTests {
  static let logits: [Int8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

  /// What a device makes of the answer to its first request.
  static func failure(
    serverTime: ServerTime = .measured,
    _ reply: @escaping @Sendable (ScriptedServer.Request) throws(ConnectionError) -> [UInt8]
  ) async throws -> OffloadFailure? {
    let clock = SleepingClock()
    let device = try Rig.device(serverTime: serverTime, clock: clock)
    try await device.use(ScriptedServer(clock: clock, reply))
    let inference = try await device.infer(Rig.picture(0))
    let receipt = inference.receipt
    if inference.offloadFailure != nil {
      #expect(receipt.source == .local)
      #expect(receipt.prediction.local != nil)
      #expect(receipt.prediction.combined == nil && receipt.prediction.remote == nil)
      #expect(receipt.symbols == .init(sent: 80, used: 0, all: 80))
    }
    return inference.offloadFailure
  }

  @Test func wellFormedAnswersPass() async throws {
    let failure = try await Self.failure { request in
      ScriptedServer.prediction(id: request.id, logits: Self.logits)
    }
    #expect(failure == nil)
  }

  @Test func anotherRequestsAnswer() async throws {
    let failure = try await Self.failure { request in
      ScriptedServer.prediction(id: request.id &+ 1, logits: Self.logits)
    }
    #expect(failure?.description == "the server answered request 1, which nobody made")
    #expect(failure?.linkSurvives == false)
  }

  @Test(arguments: [0, 9, 11, 200])
  func wrongNumberOfLogits(count: Int) async throws {
    let failure = try await Self.failure { request in
      ScriptedServer.prediction(id: request.id, logits: Array(repeating: 1, count: count))
    }
    #expect(failure?.description == "the server answered with \(count) logits for 10 classes")
  }

  @Test func logitsOutOfRange() async throws {
    let failure = try await Self.failure { request in
      ScriptedServer.prediction(
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
        ScriptedServer.prediction(id: request.id, logits: Self.logits, times: times)
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

  /// A pinned time is not the server's to say.
  @Test func aPinnedTimeIsNotTheServers() async throws {
    let failure = try await Self.failure(serverTime: .pinned(microseconds: 9000)) { request in
      ScriptedServer.prediction(id: request.id, logits: Self.logits, times: (.max, .max, .max))
    }
    #expect(failure == nil)
  }

  @Test func aLongAnswer() async throws {
    let failure = try await Self.failure { _ in Array(repeating: 4, count: 100_000) }
    #expect(failure?.description == "the server answered with 100000 bytes")
  }

  @Test func errorsAreTold() async throws {
    let error = try await Self.failure { _ in
      (try? ErrorFrame.encoded(code: .undecodable, text: "too much")) ?? []
    }
    #expect(
      error?.description == "the server answered with an error (undecodable): too much")
    #expect(error?.linkSurvives == false)
    let refusal = try await Self.failure { request in
      (try? Refusal.encoded(id: request.id, code: .internalFailure, text: "no")) ?? []
    }
    #expect(
      refusal?.description == "the server refused the request (internalFailure): no")
    #expect(refusal?.linkSurvives == true)
  }

  @Test func otherFrames() async throws {
    for frame in [try Welcome(maximumBodyLength: 100).encoded(), try Pong(nonce: 1).encoded()] {
      let failure = try await Self.failure { _ in frame }
      #expect(failure?.description == "the server sent a frame that nobody asked for")
      #expect(failure?.linkSurvives == false)
    }
  }

  @Test func aLinkThatBreaks() async throws {
    let failure = try await Self.failure { _ throws(ConnectionError) in
      throw .lost(reason: "connection reset")
    }
    #expect(failure?.description == "server lost: connection reset")
    #expect(failure?.linkSurvives == false)
  }

  /// The answer to the request before, once more: it is skipped, and the one behind it is taken.
  @Test func anOldAnswerAheadOfTheNewOne() async throws {
    let device = try Rig.device(serverTime: .pinned(microseconds: 1))
    let server = OldAnswersFirst()
    try await device.use(server)
    for index in 0..<20 {
      server.image.withLock { $0 = index }
      let inference = try await device.infer(Rig.picture(index))
      #expect(inference.offloadFailure == nil)
      #expect(inference.receipt.prediction.remote == index % 10)
    }
  }

  /// Answers the latest request after all those before it.
  private final class OldAnswersFirst: ServerConnection {
    let image = Mutex(0)
    private let answers = Mutex<[[UInt8]]>([])

    func send(_ bytes: [UInt8]) {
      let image = image.withLock { $0 }
      answers.withLock { answers in
        answers = (0...image).map { id in
          var logits = [Int8](repeating: 0, count: 10)
          logits[id % 10] = 9
          return ScriptedServer.prediction(id: UInt32(id), logits: logits)
        }
      }
    }

    func next(within wait: Duration) async throws(ConnectionError) -> [UInt8] {
      answers.withLock { $0.removeFirst() }
    }

    func close() async {}
  }

  @Test func truncatedAtEveryByte() async throws {
    let size = ScriptedServer.prediction(id: 0, logits: Self.logits).count
    for length in 0..<size {
      let failure = try await Self.failure { request in
        Array(ScriptedServer.prediction(id: request.id, logits: Self.logits)[..<length])
      }
      #expect(failure?.linkSurvives == false, "\(length) of \(size) bytes")
    }
    let longer = try await Self.failure { request in
      ScriptedServer.prediction(id: request.id, logits: Self.logits) + [0]
    }
    #expect(longer != nil)
  }

  /// A flipped bit is noticed, or stands where any value is an answer: the number of symbols, the
  /// scale, the logits, and the low bits of times.
  @Test func everyBitFlipped() async throws {
    let whole = ScriptedServer.prediction(id: 0, logits: Self.logits, symbolsUsed: 64)
    for bit in 0..<(8 * whole.count) {
      var frame = whole
      frame[bit / 8] ^= 1 << (bit % 8)
      let content = frame
      let failure = try await Self.failure { _ in content }
      let byte = bit / 8
      // 64 and any lower bit are no more than 80, but for 16 and above.
      let isSymbolCount = byte == 12 && (bit % 8 < 4 || bit % 8 == 4 || bit % 8 == 6)
      // 965 µs and 2^13 more are longer than the answer took.
      let isShortTime = (24..<36).contains(byte) && (bit - 24 * 8) % 32 < 13
      let mayPass =
        isSymbolCount || (20..<24).contains(byte) || isShortTime || byte >= 36
      if !mayPass { #expect(failure != nil, "bit \(bit)") }
    }
  }

  @Test func junk() async throws {
    var generator = SplitMix64(seed: 99)
    for _ in 0..<300 {
      let length = Int.random(in: 0...300, using: &generator)
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      #expect(try await Self.failure { _ in bytes } != nil)
    }
  }
}
