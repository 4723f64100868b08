import Foundation
import OffloadWire
import ServerKit
import Testing

/// What a device that keeps to the protocol gets.
struct ConversationTests {
  @Test func aConversation() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let client = try server.client()
      // 8 codes of 2, 3, 3, 3, 3, 4, 4 and 4 bits at most: 4 bytes. And 8 before the payload.
      #expect(try await client.ask(Frames.hello(bundle)) == .welcome(maximumBodyLength: 12))
      #expect(try await client.ask(Ping(nonce: 7).encoded()) == .pong(7))
      for number in [0, 1, 0xFFFF, 0x1B1B, 0x3210] {
        let symbols = Frames.symbols(number)
        let id = UInt32(truncatingIfNeeded: number &* 0x9E37_79B9)
        let reply = try await client.ask(Frames.request(id: id, symbols: symbols))
        #expect(reply == (try Reply.expected(id: id, symbols: symbols, of: bundle)))
      }
      #expect(try await client.ask(Ping(nonce: .max).encoded()) == .pong(.max))
      #expect(server.server.statistics.predictions == 5)
      #expect(server.server.statistics.errors == 0)
    }
  }

  @Test func framesMayComeOneByteAtATime() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let client = try server.client()
      for byte in try Frames.hello(bundle) { try await client.send([byte]) }
      #expect(try await client.receiveFrame()?.type == FrameType.welcome.rawValue)
      let symbols = Frames.symbols(0x1234)
      for byte in try Frames.request(id: 3, symbols: symbols) { try await client.send([byte]) }
      #expect(try await client.reply() == Reply.expected(id: 3, symbols: symbols, of: bundle))
    }
  }

  @Test func framesMayComeTogether() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let client = try server.client()
      let symbols = Frames.symbols(0x4321)
      let together =
        try Frames.hello(bundle) + Ping(nonce: 1).encoded() + Ping(nonce: 2).encoded()
        + Frames.request(id: 9, symbols: symbols)
      #expect(try await client.ask(together) == .welcome(maximumBodyLength: 12))
      #expect(try await client.reply() == .pong(1))
      #expect(try await client.reply() == .pong(2))
      #expect(try await client.reply() == Reply.expected(id: 9, symbols: symbols, of: bundle))
    }
  }

  @Test func stageTimesAddUpToTheServersPart() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    try await TestServer.with([bundle], engine: FakeEngine(["tiny": network])) { server in
      let client = try await server.greeted(bundle)
      network.gate.shut()
      try await client.send(Frames.request(id: 1, symbols: Frames.symbols(1)))
      #expect(try await server.eventually { $0.batches == 1 })
      try await Task.sleep(for: .milliseconds(50))
      network.gate.open()
      let frame = try #require(try await client.receiveFrame())
      try frame.body.withUnsafeBytes { body in
        let prediction = try Prediction(decoding: body)
        #expect(prediction.symbolsUsed == 8)
        #expect(prediction.runMicroseconds >= 40_000)
        #expect(prediction.decodeMicroseconds < 1_000_000)
      }
    }
  }

  @Test func networkTroubleIsToldAndTheConnectionGoesOn() async throws {
    let poison = try TestBundle("poison", step: FakeNetwork.poison)
    let flood = try TestBundle("flood", step: FakeNetwork.flood / 3)
    let engine = FakeEngine(["poison": FakeNetwork(), "flood": FakeNetwork()])
    try await TestServer.with([poison, flood], engine: engine) { server in
      for bundle in [poison, flood] {
        let client = try await server.greeted(bundle)
        // Symbol 1 is the poison; three of the largest symbols overflow float32.
        let bad = bundle === poison ? Frames.symbols(1) : Frames.symbols(0xFFFF)
        #expect(
          try await client.ask(Frames.request(id: 1, symbols: bad))
            == .refusal(id: 1, .internalFailure))
        let good = Frames.symbols(0)
        #expect(
          try await client.ask(Frames.request(id: 2, symbols: good))
            == Reply.expected(id: 2, symbols: good, of: bundle))
      }
    }
  }

  @Test func theTokenIsAskedFor() async throws {
    let bundle = try TestBundle()
    let other = try TestBundle("other", step: 2)
    let token = Array("secret".utf8)
    try await TestServer.with([bundle], configuration: .testing { $0.token = token }) { server in
      for wrong in ["", "secreT", "secre", "secrets", "secretsecret", "\0ecret"] {
        let client = try server.client()
        let hello = try Frames.hello(bundle, token: Array(wrong.utf8))
        #expect(try await client.ask(hello) == .error(.unauthorised), "\(wrong)")
        #expect(try await client.reply() == .closed)
      }
      // Who has no token learns nothing of the bundles.
      let stranger = try server.client()
      #expect(try await stranger.ask(Frames.hello(other)) == .error(.unauthorised))
      let client = try server.client()
      #expect(
        try await client.ask(Frames.hello(bundle, token: token))
          == .welcome(maximumBodyLength: 12))
    }
  }

  @Test func aTokenThatNobodyAskedForIsNoFault() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let client = try server.client()
      let hello = try Frames.hello(bundle, token: [1, 2, 3])
      #expect(try await client.ask(hello) == .welcome(maximumBodyLength: 12))
    }
  }
}
