import Logging
import OffloadWire
import ServerKit

/// A server on a free port of loopback, and what a well-behaved device says to it.
struct TestServer: Sendable {
  let server: OffloadServer
  let port: Int

  /// Starts a server, and shuts it down after `body`.
  static func with<Result>(
    _ bundles: [TestBundle], engine: FakeEngine = FakeEngine(),
    configuration: ServerConfiguration = .testing(),
    _ body: (TestServer) async throws -> Result
  ) async throws -> Result {
    let server = try OffloadServer(
      configuration: configuration, bundles: bundles.map(\.bundle), engine: engine, logger: silent)
    let address = try await server.start()
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(TestServer(server: server, port: address.port)))
    } catch {
      result = .failure(error)
    }
    await server.shutdown()
    return try result.get()
  }

  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  func client() throws -> RawClient { try RawClient(port: port) }

  /// A connection that has been welcomed.
  func greeted(_ bundle: TestBundle) async throws -> RawClient {
    let client = try client()
    try await client.send(Frames.hello(bundle))
    guard try await client.receiveFrame()?.type == FrameType.welcome.rawValue else {
      throw RawClient.Failure(description: "not welcome")
    }
    return client
  }

  /// Waits until `condition` holds; false after ten seconds.
  func eventually(_ condition: (ServerStatistics) -> Bool) async throws -> Bool {
    for _ in 0..<2_000 {
      if condition(server.statistics) { return true }
      try await Task.sleep(for: .milliseconds(5))
    }
    return false
  }
}

extension ServerConfiguration {
  /// On any free port.
  static func testing(
    _ change: (inout ServerConfiguration) -> Void = { _ in }
  ) -> ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.port = 0
    change(&configuration)
    return configuration
  }
}
