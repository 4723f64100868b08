import OffloadWire
import ServerKit
import Testing

/// Requests in pieces: chunks, prefixes, cuts and cancellations.
struct RequestTests {
  /// The example of docs/protocol.md: its first byte holds the codes 0, 1 and 4, its second 6 and 2.
  private let symbols: [UInt8] = [0, 1, 0, 1, 0, 1, 0, 2]
  private let payload: [UInt8] = [0x84, 0x16]

  @Test func aPayloadMayBeCutIntoAnyPieces() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let client = try await server.greeted(bundle)
      let symbols = Frames.symbols(0x1B2D)
      let payload = try Frames.payload(symbols)
      #expect(payload.count == 3)
      var id: UInt32 = 0
      // By the gaps at which it is cut, the one before the end's (empty) rest among them.
      for cuts in 0..<(1 << payload.count) {
        id += 1
        var request = try Frames.infer(id: id)
        var start = 0
        for end in 1...payload.count where cuts >> (end - 1) & 1 == 1 {
          request += try Frames.chunk(id: id, payload[start..<end])
          start = end
        }
        request += try Frames.end(id: id, payload[start...])
        #expect(
          try await client.ask(request) == Reply.expected(id: id, symbols: symbols, of: bundle),
          "cuts \(cuts)")
      }
      #expect(server.server.statistics.prefixes == 0)
    }
  }

  @Test func theFirstSymbolsAreEnough() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let client = try await server.greeted(bundle)
      for count in 1...8 {
        let id = UInt32(count)
        let first = Array(symbols.prefix(count))
        let request =
          try Frames.infer(id: id)
          + Frames.end(id: id, symbolCount: UInt32(count), Frames.payload(first))
        #expect(
          try await client.ask(request) == Reply.expected(id: id, symbols: first, of: bundle))
      }
      #expect(server.server.statistics.prefixes == 7)
    }
  }

  @Test func aCutPayloadGivesTheCertainSymbols() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let client = try await server.greeted(bundle)
      for (id, bytes, certain) in [(1, 1, 4), (2, 2, 8)] as [(UInt32, Int, Int)] {
        let expected = try Reply.expected(
          id: id, symbols: Array(symbols.prefix(certain)), of: bundle)
        let cut = try Frames.end(id: id, symbolCount: nil, payload.prefix(bytes))
        #expect(try await client.ask(Frames.infer(id: id) + cut) == expected)
        // And with nothing but the word in the end.
        let other = id + 10
        let request =
          try Frames.infer(id: other) + Frames.chunk(id: other, payload.prefix(bytes))
          + Frames.end(id: other, symbolCount: nil)
        #expect(
          try await client.ask(request)
            == Reply.expected(id: other, symbols: Array(symbols.prefix(certain)), of: bundle))
      }
    }
  }

  @Test func nothingIsNotEnough() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    try await TestServer.with([bundle], engine: FakeEngine(["tiny": network])) { server in
      let client = try await server.greeted(bundle)
      for (id, count) in [(1, 0), (2, nil)] as [(UInt32, UInt32?)] {
        let request = try Frames.infer(id: id) + Frames.end(id: id, symbolCount: count)
        #expect(try await client.ask(request) == .refusal(id: id, .expired))
      }
      // The connection is still good.
      #expect(
        try await client.ask(Frames.request(id: 3, payload: payload))
          == Reply.expected(id: 3, symbols: symbols, of: bundle))
      // Two runs to warm up, and the last request's.
      #expect(network.batches == [1, 1, 1])
      #expect(server.server.statistics.refusals == 2)
    }
  }

  @Test func aChunkOfNothingIsMalformed() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let client = try await server.greeted(bundle)
      let empty: [UInt8] = [8, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0]
      #expect(try await client.ask(Frames.infer(id: 1) + empty) == .error(.malformed))
      #expect(try await client.reply() == .closed)
    }
  }

  @Test func aCancelledRequestIsForgotten() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let client = try await server.greeted(bundle)
      // Withdrawn before its end, and pieces that were on their way already.
      let cancelled =
        try Frames.infer(id: 1) + Frames.chunk(id: 1, [0x84]) + Frames.cancel(id: 1)
        + Frames.chunk(id: 1, [0xFF]) + Frames.end(id: 1, [0xFF]) + Frames.cancel(id: 1)
      #expect(
        try await client.ask(cancelled + Frames.request(id: 2, payload: payload))
          == Reply.expected(id: 2, symbols: symbols, of: bundle))
      #expect(server.server.statistics.cancelled == 1)
      #expect(server.server.statistics.requests == 1)
    }
  }

  /// Its answer comes while the next request is open, and again while that one is answered.
  @Test func aCancelledRequestsAnswerNeverReachesTheNext() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    try await TestServer.with([bundle], engine: FakeEngine(["tiny": network])) { server in
      let client = try await server.greeted(bundle)
      for round in 0..<20 as Range<UInt32> {
        let (first, second) = (2 * round, 2 * round + 1)
        network.gate.shut()
        try await client.send(Frames.request(id: first, symbols: Frames.symbols(0x1111)))
        #expect(try await server.eventually { $0.batches == 2 * Int(round) + 1 })
        // The whole next request, or as much of it as opens it.
        let next = try Frames.request(id: second, payload: payload)
        let size = round % 2 == 0 ? next.count : try Frames.infer(id: second).count
        try await client.send(Frames.cancel(id: first) + next.prefix(size))
        #expect(try await server.eventually { $0.cancelled == Int(round) + 1 })
        network.gate.open()
        if size < next.count {
          try await Task.sleep(for: .milliseconds(5))
          try await client.send(Array(next.dropFirst(size)))
        }
        #expect(
          try await client.reply() == Reply.expected(id: second, symbols: symbols, of: bundle))
      }
      #expect(server.server.statistics.cancelled == 20)
      #expect(server.server.statistics.predictions == 20)
      #expect(server.server.statistics.abandoned == 0)
    }
  }

  @Test func aCancelledRequestThatWaitsIsNotRun() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    try await TestServer.with([bundle], engine: FakeEngine(["tiny": network])) { server in
      let running = try await server.greeted(bundle)
      let client = try await server.greeted(bundle)
      network.gate.shut()
      try await running.send(Frames.request(id: 1, payload: payload))
      #expect(try await server.eventually { $0.batches == 1 })
      try await client.send(
        Frames.request(id: 1, symbols: Frames.symbols(0x1111)) + Frames.cancel(id: 1))
      #expect(try await server.eventually { $0.abandoned == 1 && $0.cancelled == 1 })
      network.gate.open()
      #expect(
        try await running.reply() == Reply.expected(id: 1, symbols: symbols, of: bundle))
      #expect(try await client.ask(Ping(nonce: 1).encoded()) == .pong(1))
      #expect(network.batches == [1, 1, 1])
    }
  }

  /// An answer and what the device sent before it knew may cross.
  @Test func whatComesAfterTheAnswerIsIgnored() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let client = try await server.greeted(bundle)
      let answer = try Reply.expected(id: 1, symbols: symbols, of: bundle)
      #expect(try await client.ask(Frames.request(id: 1, payload: payload)) == answer)
      let late =
        try Frames.cancel(id: 1) + Frames.chunk(id: 1, [1, 2, 3, 4])
        + Frames.end(id: 1, symbolCount: 99, [1, 2, 3, 4]) + Frames.cancel(id: 1)
      #expect(try await client.ask(late + Ping(nonce: 3).encoded()) == .pong(3))
      #expect(
        try await client.ask(late + Frames.request(id: 2, payload: payload))
          == Reply.expected(id: 2, symbols: symbols, of: bundle))
      #expect(server.server.statistics.cancelled == 0)
      #expect(server.server.statistics.errors == 0)
    }
  }

  @Test func anIdIsNotUsedTwiceInARow() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let request = try Frames.request(id: 1, payload: payload)
      let answered = try await server.greeted(bundle)
      #expect(
        try await answered.ask(request) == Reply.expected(id: 1, symbols: symbols, of: bundle))
      #expect(try await answered.ask(request) == .error(.outOfOrder))
      let cancelled = try await server.greeted(bundle)
      let twice = try Frames.infer(id: 1) + Frames.cancel(id: 1) + Frames.infer(id: 1)
      #expect(try await cancelled.ask(twice) == .error(.outOfOrder))
      // With one between it is free again.
      let client = try await server.greeted(bundle)
      for id in [1, 2, 1, 2] as [UInt32] {
        #expect(
          try await client.ask(Frames.request(id: id, payload: payload))
            == Reply.expected(id: id, symbols: symbols, of: bundle))
      }
    }
  }
}
