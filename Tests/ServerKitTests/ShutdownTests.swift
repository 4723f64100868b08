import Foundation
import NIOCore
import OffloadWire
import ServerKit
import Testing

/// What becomes of connections and requests when the server is told to end.
struct ShutdownTests {
  @Test func shutdownAnswersWhatIsInFlightAndClosesTheRest() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    // Longer than a client waits: it is not this limit that closes the connections.
    try await TestServer.with(
      [bundle], engine: FakeEngine(["tiny": network]),
      configuration: .testing { $0.drainTimeout = .seconds(30) }
    ) { server in
      let idle = try await server.greeted(bundle)
      let silent = try server.client()
      let busy = try await server.greeted(bundle)
      let waiting = try await server.greeted(bundle)
      network.gate.shut()
      try await busy.send(Frames.request(id: 1, symbols: Frames.symbols(1)))
      #expect(try await server.eventually { $0.batches == 1 })
      try await waiting.send(Frames.request(id: 2, symbols: Frames.symbols(2)))
      #expect(try await server.eventually { $0.requests == 2 })
      async let ended: Void = server.server.shutdown()
      #expect(try await idle.reply() == .closed)
      #expect(try await silent.reply() == .closed)
      #expect(throws: (any Error).self) { try server.client() }
      network.gate.open()
      for (client, number) in [(busy, 1), (waiting, 2)] {
        let symbols = Frames.symbols(number)
        #expect(
          try await client.reply()
            == Reply.expected(id: UInt32(number), symbols: symbols, of: bundle))
        #expect(try await client.reply() == .closed)
      }
      await ended
    }
  }

  @Test func shutdownOutlastsARunWhoseDeviceHasLeft() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    try await TestServer.with(
      [bundle], engine: FakeEngine(["tiny": network]),
      configuration: .testing { $0.lingerTimeout = .seconds(10) }
    ) { server in
      do {
        let client = try await server.greeted(bundle)
        network.gate.shut()
        try await client.send(Frames.request(id: 1, symbols: Frames.symbols(1)))
        #expect(try await server.eventually { $0.batches == 1 })
      }
      let opening = Task {
        try await Task.sleep(for: .milliseconds(100))
        let time = ContinuousClock.now
        network.gate.open()
        return time
      }
      await server.server.shutdown()
      let end = ContinuousClock.now
      #expect(try await opening.value < end)
    }
  }

  @Test func shutdownDoesNotWaitForever() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    try await TestServer.with(
      [bundle], engine: FakeEngine(["tiny": network]),
      configuration: .testing {
        $0.drainTimeout = .milliseconds(50)
        $0.lingerTimeout = .milliseconds(50)
      }
    ) { server in
      let client = try await server.greeted(bundle)
      network.gate.shut()
      try await client.send(Frames.request(id: 1, symbols: Frames.symbols(1)))
      #expect(try await server.eventually { $0.batches == 1 })
      await server.server.shutdown()
      #expect(try await client.reply() == .closed)
      network.gate.open()
    }
  }
}
