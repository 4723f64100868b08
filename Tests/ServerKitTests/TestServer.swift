import FeatureCoding
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

/// Frames as bytes.
enum Frames {
  static func hello(_ bundle: TestBundle, token: [UInt8] = []) throws -> [UInt8] {
    let digest = try bundle.digest
    return try token.withUnsafeBytes { try Hello(digest: digest, token: $0).encoded() }
  }

  static func infer(id: UInt32, path: UInt8 = 0, symbols: [UInt8]) throws -> [UInt8] {
    let payload = try LZW.encode(symbols, alphabetSize: TestBundle.alphabetSize)
    return try infer(id: id, path: path, payload: payload)
  }

  static func infer(id: UInt32, path: UInt8 = 0, payload: [UInt8]) throws -> [UInt8] {
    try payload.withUnsafeBytes { try Infer(id: id, path: path, payload: $0).encoded() }
  }

  /// Eight symbols that tell one request from another, up to 65,536 of them.
  static func symbols(_ number: Int) -> [UInt8] {
    (0..<TestBundle.symbolCount).map { UInt8(number >> (2 * $0) & 3) }
  }
}

/// What a test wants to know of the server's frame.
enum Reply: Equatable {
  case welcome(maximumBodyLength: UInt32)
  case prediction(id: UInt32, scale: Float, logits: [Int8])
  case pong(UInt64)
  case error(WireErrorCode)
  case closed
  case other

  init(_ frame: RawClient.Frame?) throws {
    guard let frame else {
      self = .closed
      return
    }
    self = try frame.body.withUnsafeBytes { body in
      switch FrameType(rawValue: frame.type) {
      case .welcome: .welcome(maximumBodyLength: try Welcome(decoding: body).maximumBodyLength)
      case .prediction: Self.prediction(try Prediction(decoding: body))
      case .pong: .pong(try Pong(decoding: body).nonce)
      case .error: .error(try ErrorFrame(decoding: body).code)
      default: .other
      }
    }
  }

  /// The prediction that the fake network of that bias owes for these symbols.
  static func expected(
    id: UInt32, symbols: [UInt8], of bundle: TestBundle, bias: Float = 0
  ) throws -> Reply {
    let features = symbols.map { Float($0) * bundle.step }
    guard let logits = QuantisedLogits(FakeNetwork.logits(features, bias: bias)) else {
      return .other
    }
    return .prediction(id: id, scale: logits.scale, logits: logits.values)
  }

  private static func prediction(_ frame: Prediction) -> Reply {
    .prediction(
      id: frame.id, scale: frame.scale, logits: frame.logits.map { Int8(bitPattern: $0) })
  }
}

extension RawClient {
  func reply() async throws -> Reply { try Reply(await receiveFrame()) }

  /// Sends and reads one answer.
  func ask(_ bytes: [UInt8]) async throws -> Reply {
    try await send(bytes)
    return try await reply()
  }
}
