import BundleFormat
import ExitStatus
import Foundation
import OffloadWire
import RemoteEngine
import ServerKit
import Testing

/// What keeps a server from starting.
struct ServerStartTests {
  private func failure(
    _ bundles: [TestBundle], _ engine: FakeEngine = FakeEngine()
  ) -> (any ExitStatusProviding)? {
    do {
      _ = try OffloadServer(
        bundles: bundles.map(\.bundle), engine: engine, logger: TestServer.silent)
      return nil
    } catch {
      return error as? any ExitStatusProviding
    }
  }

  @Test func aPortInUse() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      var configuration = ServerConfiguration()
      configuration.port = server.port
      let second = try OffloadServer(
        configuration: configuration, bundles: [bundle.bundle], engine: FakeEngine(),
        logger: TestServer.silent)
      do {
        _ = try await second.start()
        Issue.record("two servers on one port")
      } catch let error as ServerError {
        #expect(error.exitStatus == 73)
        #expect(
          error.description == "cannot listen on 127.0.0.1:\(server.port): address already in use")
      }
    }
  }

  @Test func anAddressThatIsNotOurs() async throws {
    let bundle = try TestBundle()
    let cases = [
      ("192.0.2.1", "cannot assign requested address"),
      ("no.such.host.invalid", "there is no such host"),
    ]
    for (host, reason) in cases {
      var configuration = ServerConfiguration()
      configuration.host = host
      configuration.port = 0
      let server = try OffloadServer(
        configuration: configuration, bundles: [bundle.bundle], engine: FakeEngine(),
        logger: TestServer.silent)
      do {
        _ = try await server.start()
        Issue.record("listens on \(host)")
      } catch let error as ServerError {
        #expect(error.exitStatus == 73)
        #expect(error.description == "cannot listen on \(host):0: \(reason)")
      }
    }
  }

  @Test func aGraphThatDoesNotGoWithItsBundle() throws {
    let bundle = try TestBundle()
    func reason(_ network: FakeNetwork) -> String {
      let error = failure([bundle], FakeEngine(["tiny": network]))
      #expect(error?.exitStatus == 65)
      let text = error.map { "\($0)" } ?? "accepted"
      let prefix = "\(bundle.bundle.directory.path): cannot be served: "
      return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    }
    #expect(
      reason(FakeNetwork(output: [-1, 4])) == "'logits' is [N,4], and there are 3 labels")
    #expect(
      reason(FakeNetwork(input: [-1, 8]))
        == "'features' is [N,8], where [N,channels,height,width] is needed")
    #expect(
      reason(FakeNetwork(input: [-1, 2, -1, 2]))
        == "'features' is [N,2,?,2], where [N,channels,height,width] is needed")
    #expect(
      reason(FakeNetwork(input: [-1, 2, 1 << 40, 1 << 40])).hasPrefix("'features' is"))
    #expect(failure([bundle], FakeEngine([:]))?.exitStatus == 66)
  }

  @Test func manifestsThatTheSchemeCannotServe() throws {
    func reason(_ change: (inout String) -> Void) throws -> String {
      let bundle = try TestBundle(json: change)
      let error = failure([bundle])
      #expect(error?.exitStatus == 65)
      return error.map { "\($0)" } ?? "accepted"
    }
    #expect(
      try reason { $0 = $0.replacing("\"agilenn\"", with: "\"mcunet\"") }
        .hasSuffix(
          "path 'offload' of the scheme 'mcunet' has a remote graph, and the device answers alone"))
    #expect(
      try reason { $0 = $0.replacing("\"to\": \"features\"", with: "\"to\": \"x\"") }
        .hasSuffix("the graph 'remote' needs one float32 input 'x', it has: features"))
    #expect(
      try reason {
        $0 = $0.replacing(
          "\"remote\": \"remote\"}]",
          with: "\"remote\": \"remote\", \"exits\": [{\"where\": \"server\", \"tensor\": \"y\"}]}]")
      }.hasSuffix("the graph 'remote' has no float32 output 'y'"))
    // Three tables for two channels.
    #expect(
      try reason {
        guard let start = $0.range(of: "{\"symbolOf\""), let end = $0.range(of: "]}]}") else {
          return
        }
        let table = $0[start.lowerBound..<end.upperBound].dropLast(2)
        $0 = $0.replacing(table, with: "\(table),\(table),\(table)")
          .replacing("\"missing\": [0.5, -2]", with: "\"missing\": [0]")
      }.hasSuffix("3 symbol tables for the 2 channels of 'features'"))
  }

  @Test func nothingToServe() throws {
    #expect(failure([])?.exitStatus == 66)
    let alone = try TestBundle(json: {
      guard let start = $0.range(of: ", \"sends\""), let end = $0.range(of: "\"remote\"}]") else {
        return
      }
      $0.replaceSubrange(start.lowerBound..<end.upperBound, with: "}]")
      $0 = $0.replacing(", \"remote\": \"remote.onnx\"", with: "")
    })
    #expect(failure([alone]) as? ServerError == .nothingToServe)
  }

  @Test func aBundleThatIsThereTwiceIsServedOnce() async throws {
    let one = try TestBundle()
    let same = try TestBundle()
    try await TestServer.with([one, same]) { server in
      #expect(server.server.bundleNames == ["test/tiny"])
      _ = try await server.greeted(same)
    }
  }

  @Test func aNetworkOfOneItemAtATimeIsServedSo() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork(input: [1, 2, 2, 2], output: [1, 3])
    try await TestServer.with([bundle], engine: FakeEngine(["tiny": network])) { server in
      var clients: [RawClient] = []
      for _ in 0..<3 { clients.append(try await server.greeted(bundle)) }
      network.gate.shut()
      for (number, client) in clients.enumerated() {
        try await client.send(Frames.request(id: UInt32(number), symbols: Frames.symbols(number)))
      }
      #expect(try await server.eventually { $0.requests == 3 })
      network.gate.open()
      for client in clients {
        guard case .prediction = try await client.reply() else {
          Issue.record("no prediction")
          continue
        }
      }
      #expect(network.batches == [1, 1, 1, 1, 1])
    }
  }
}
