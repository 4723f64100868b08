import Foundation
import NIOCore
import OffloadWire
import ServerKit
import Testing

/// One server, several bundles, many devices at once.
struct SharedServerTests {
  @Test func everyDeviceGetsItsOwnAnswersFromItsOwnBundle() async throws {
    let first = try TestBundle("first")
    let second = try TestBundle("second", step: 0.5)
    let networks = ["first": FakeNetwork(bias: 1), "second": FakeNetwork(bias: 100)]
    try await TestServer.with([first, second], engine: FakeEngine(networks)) { server in
      #expect(server.server.bundleNames == ["test/first", "test/second"])
      let right = try await withThrowingTaskGroup(of: Int.self) { group in
        for device in 0..<8 {
          group.addTask {
            let (bundle, bias): (TestBundle, Float) =
              device % 2 == 0 ? (first, 1) : (second, 100)
            let client = try await server.greeted(bundle)
            var right = 0
            for request in 0..<25 {
              let symbols = Frames.symbols(device << 12 | request << 3)
              let id = UInt32(device << 8 | request)
              let reply = try await client.ask(Frames.request(id: id, symbols: symbols))
              let expected = try Reply.expected(id: id, symbols: symbols, of: bundle, bias: bias)
              if reply == expected { right += 1 }
            }
            return right
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(right == 200)
      let statistics = server.server.statistics
      #expect(statistics.connections == 8)
      #expect(statistics.requests == 200)
      #expect(statistics.predictions == 200)
      #expect(statistics.errors == 0)
      #expect(statistics.batches <= 200)
      #expect(statistics.largestBatch <= 8)
    }
  }

  @Test func whatWaitsIsRunTogether() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    try await TestServer.with(
      [bundle], engine: FakeEngine(["tiny": network]),
      configuration: .testing { $0.maximumBatch = 4 }
    ) { server in
      var clients: [RawClient] = []
      for _ in 0..<7 { clients.append(try await server.greeted(bundle)) }
      network.gate.shut()
      try await clients[0].send(Frames.request(id: 0, symbols: Frames.symbols(0)))
      #expect(try await server.eventually { $0.batches == 1 })
      for (number, client) in clients.enumerated().dropFirst() {
        try await client.send(
          Frames.request(id: UInt32(number), symbols: Frames.symbols(number)))
      }
      #expect(try await server.eventually { $0.requests == 7 })
      network.gate.open()
      for (number, client) in clients.enumerated() {
        let expected = try Reply.expected(
          id: UInt32(number), symbols: Frames.symbols(number), of: bundle)
        #expect(try await client.reply() == expected)
      }
      // The first two are those that warmed up.
      #expect(network.batches == [1, 1, 1, 4, 2])
      #expect(server.server.statistics.largestBatch == 4)
    }
  }

  @Test func pathsOfOneBundleAreNotRunTogether() async throws {
    let bundle = try TestBundle(json: {
      guard let start = $0.range(of: "\"sends\""), let end = $0.range(of: "]}],") else { return }
      let sends = $0[start.lowerBound..<end.upperBound]
      guard let paths = $0.range(of: "[{\"device\""), let last = $0.range(of: "\"remote\"}]") else {
        return
      }
      $0.replaceSubrange(
        paths.lowerBound..<last.upperBound,
        with: """
          [{"name": "a", "device": "device", \(sends) "remote": "remote"},
           {"name": "b", "device": "device"},
           {"name": "c", "device": "device", \(sends) "remote": "second"}]
          """)
      $0 = $0.replacing(
        "\"remote\": \"remote.onnx\"",
        with: "\"remote\": \"remote.onnx\", \"second\": \"second.onnx\"")
    })
    let (first, second) = (FakeNetwork(bias: 1), FakeNetwork(bias: 100))
    let engine = FakeEngine(["tiny": first, "tiny/second.onnx": second])
    try await TestServer.with([bundle], engine: engine) { server in
      var clients: [RawClient] = []
      for _ in 0..<5 { clients.append(try await server.greeted(bundle)) }
      func path(_ number: Int) -> UInt8 { number % 2 == 0 ? 0 : 2 }
      first.gate.shut()
      for (number, client) in clients.enumerated() {
        let id = UInt32(number)
        try await client.send(
          Frames.request(id: id, path: path(number), symbols: Frames.symbols(number)))
        #expect(try await server.eventually { $0.requests == number + 1 && $0.batches >= 1 })
      }
      first.gate.open()
      for (number, client) in clients.enumerated() {
        let expected = try Reply.expected(
          id: UInt32(number), symbols: Frames.symbols(number), of: bundle,
          bias: path(number) == 0 ? 1 : 100)
        #expect(try await client.reply() == expected)
      }
      // 1 and 3 are the second path's, and run together; so do 2 and 4.
      #expect(first.batches == [1, 1, 1, 2])
      #expect(second.batches == [1, 1, 2])
      // The path between them is the device's own.
      #expect(
        try await clients[0].ask(Frames.infer(id: 9, path: 1))
          == .error(.undecodable))
    }
  }

  @Test func aRefusedDevicesRequestIsNotRun() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    try await TestServer.with(
      [bundle], engine: FakeEngine(["tiny": network]),
      configuration: .testing { $0.lingerTimeout = .seconds(30) }
    ) { server in
      let running = try await server.greeted(bundle)
      let refused = try await server.greeted(bundle)
      network.gate.shut()
      try await running.send(Frames.request(id: 1, symbols: Frames.symbols(1)))
      #expect(try await server.eventually { $0.batches == 1 })
      try await refused.send(
        Frames.request(id: 2, symbols: Frames.symbols(2)) + Ping(nonce: 1).encoded())
      // While the connection is still there.
      #expect(try await refused.reply() == .error(.outOfOrder))
      #expect(try await server.eventually { $0.abandoned == 1 })
      #expect(try await refused.reply() == .closed)
      network.gate.open()
      #expect(
        try await running.reply()
          == Reply.expected(id: 1, symbols: Frames.symbols(1), of: bundle))
      #expect(network.batches == [1, 1, 1])
    }
  }

  /// Payloads are decoded before they wait, so that a bad one never reaches a batch.
  @Test func aBadPayloadHurtsNobodyElse() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    try await TestServer.with([bundle], engine: FakeEngine(["tiny": network])) { server in
      var clients: [RawClient] = []
      for _ in 0..<4 { clients.append(try await server.greeted(bundle)) }
      network.gate.shut()
      try await clients[0].send(Frames.request(id: 0, symbols: Frames.symbols(0)))
      #expect(try await server.eventually { $0.batches == 1 })
      for number in [1, 3] {
        try await clients[number].send(
          Frames.request(id: UInt32(number), symbols: Frames.symbols(number)))
      }
      #expect(
        try await clients[2].ask(Frames.request(id: 2, payload: [0xFF])) == .error(.undecodable))
      #expect(try await server.eventually { $0.requests == 3 })
      network.gate.open()
      for number in [0, 1, 3] {
        let symbols = Frames.symbols(number)
        #expect(
          try await clients[number].reply()
            == Reply.expected(id: UInt32(number), symbols: symbols, of: bundle))
      }
      #expect(network.batches == [1, 1, 1, 2])
    }
  }

  @Test func aFullQueueIsBusyAndTheDeviceMayTryAgain() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    try await TestServer.with(
      [bundle], engine: FakeEngine(["tiny": network]),
      configuration: .testing { $0.queueCapacity = 2 }
    ) { server in
      var clients: [RawClient] = []
      for _ in 0..<4 { clients.append(try await server.greeted(bundle)) }
      network.gate.shut()
      // One runs, two wait.
      try await clients[0].send(Frames.request(id: 0, symbols: Frames.symbols(0)))
      #expect(try await server.eventually { $0.batches == 1 })
      for number in 1...2 {
        try await clients[number].send(
          Frames.request(id: UInt32(number), symbols: Frames.symbols(number)))
        #expect(try await server.eventually { $0.requests == number + 1 })
      }
      let request = try Frames.request(id: 3, symbols: Frames.symbols(3))
      #expect(
        try await clients[3].ask(request + Ping(nonce: 5).encoded()) == .refusal(id: 3, .busy))
      #expect(try await clients[3].reply() == .pong(5))
      network.gate.open()
      for number in 0...2 {
        let symbols = Frames.symbols(number)
        #expect(
          try await clients[number].reply()
            == Reply.expected(id: UInt32(number), symbols: symbols, of: bundle))
      }
      #expect(
        try await clients[3].ask(Frames.request(id: 4, symbols: Frames.symbols(3)))
          == Reply.expected(id: 4, symbols: Frames.symbols(3), of: bundle))
      #expect(server.server.statistics.refusals == 1)
      #expect(server.server.statistics.errors == 0)
    }
  }

  @Test func aDeviceThatLeavesIsForgotten() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    try await TestServer.with([bundle], engine: FakeEngine(["tiny": network])) { server in
      let stays = try await server.greeted(bundle)
      network.gate.shut()
      // One leaves while its request runs, one while it waits.
      do {
        let running = try await server.greeted(bundle)
        try await running.send(Frames.request(id: 1, symbols: Frames.symbols(1)))
        #expect(try await server.eventually { $0.batches == 1 })
        let waiting = try await server.greeted(bundle)
        try await waiting.send(Frames.request(id: 2, symbols: Frames.symbols(2)))
        #expect(try await server.eventually { $0.requests == 2 })
      }
      #expect(try await server.eventually { $0.abandoned == 1 })
      network.gate.open()
      let symbols = Frames.symbols(3)
      #expect(
        try await stays.ask(Frames.request(id: 3, symbols: symbols))
          == Reply.expected(id: 3, symbols: symbols, of: bundle))
      #expect(network.batches == [1, 1, 1, 1])
      #expect(server.server.statistics.errors == 0)
    }
  }

  @Test func connectionsAreLimited() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle], configuration: .testing { $0.maximumConnections = 2 }) {
      server in
      var clients = [try await server.greeted(bundle), try await server.greeted(bundle)]
      let third = try server.client()
      #expect(try await third.reply() == .error(.busy))
      #expect(try await third.reply() == .closed)
      #expect(server.server.statistics.refusedConnections == 1)
      clients.removeLast()
      var welcome = false
      for _ in 0..<400 where !welcome {
        welcome = (try? await server.greeted(bundle)) != nil
        if !welcome { try await Task.sleep(for: .milliseconds(5)) }
      }
      #expect(welcome)
    }
  }

  @Test func connectionsThatAreTurnedAwayAreLimitedToo() async throws {
    let bundle = try TestBundle()
    let configuration = ServerConfiguration.testing {
      $0.maximumConnections = 1
      $0.lingerTimeout = .seconds(30)
    }
    try await TestServer.with([bundle], configuration: configuration) { server in
      let served = try await server.greeted(bundle)
      let told = try server.client()
      #expect(try await told.reply() == .error(.busy))
      let dropped = try server.client()
      #expect(try await dropped.reply() == .closed)
      #expect(server.server.statistics.refusedConnections == 2)
      #expect(try await told.reply() == .closed)
      #expect(try await served.ask(Ping(nonce: 1).encoded()) == .pong(1))
    }
  }
}
