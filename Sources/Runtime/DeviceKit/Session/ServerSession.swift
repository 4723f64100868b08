import Board
import Connection
import OffloadWire

/// The device's tie to its server: connects, says hello, and after a loss tries again, ever less
/// often.
///
/// The pauses between attempts pass in emulated time, which in virtual time flies with the images:
/// the first is a tenth of a second, each further one twice as long, five seconds at most. Images
/// wait while an attempt lasts, so that a new one is given up soon, and one that itself took long,
/// for nobody said no, is repeated no sooner than after ten times as long.
final class ServerSession {
  /// What both sides must agree on.
  struct Endpoint {
    let address: ServerAddress
    let digest: BundleDigest
    /// Empty: none.
    let token: [UInt8]
    let timeline: Timeline
    /// Bytes of the longest frame that the device takes, header included.
    let longestAnswer: Int
    /// Bytes of the longest body of a frame that the device may send.
    let longestBody: Int
  }

  /// How long connecting and the answer to hello may take each, while images wait.
  private static let attemptTimeout = Duration.seconds(1)
  private static let firstPause = 100_000.0
  private static let longestPause = 5_000_000.0

  private let endpoint: Endpoint
  private var connection: Connection?
  private var pause = ServerSession.firstPause
  private var nextAttempt = 0.0

  init(_ endpoint: Endpoint) {
    self.endpoint = endpoint
  }

  /// Connects and says hello.
  ///
  /// - Throws: ``SessionError``.
  func open() async throws {
    try await open(ConnectionLimits())
  }

  private func open(_ limits: ConnectionLimits) async throws {
    var limits = limits
    limits.maximumBodyLength = endpoint.longestAnswer - FrameHeader.size
    let connection: Connection
    do {
      connection = try await Connection.open(
        host: endpoint.address.host, port: endpoint.address.port, limits: limits)
    } catch {
      throw SessionError(error, at: endpoint.address)
    }
    do {
      try await greet(over: connection, within: limits.handshakeTimeout)
    } catch {
      await connection.close()
      throw error
    }
    // Connecting and greeting are no part of an inference.
    endpoint.timeline.synchronise()
    self.connection = connection
    pause = Self.firstPause
  }

  /// The connection, after an attempt to have one again where one is due; `nil` where there is none.
  func current() async -> Connection? {
    guard connection == nil, endpoint.timeline.now >= nextAttempt else { return connection }
    let start = endpoint.timeline.wallMicroseconds
    do {
      try await open(
        ConnectionLimits(
          connectTimeout: Self.attemptTimeout, handshakeTimeout: Self.attemptTimeout))
    } catch {
      schedule(after: 10 * (endpoint.timeline.wallMicroseconds - start))
    }
    endpoint.timeline.synchronise()
    return connection
  }

  /// Gives the connection up, for the first attempt to follow after a pause.
  func drop() async {
    await connection?.close()
    connection = nil
    // Waiting for a server that is gone is no part of an inference; paced time does not catch up.
    endpoint.timeline.synchronise()
    pause = Self.firstPause
    schedule()
  }

  func close() async {
    await connection?.close()
    connection = nil
  }

  private func schedule(after least: Double = 0) {
    nextAttempt = endpoint.timeline.now + max(pause, least)
    pause = min(2 * pause, Self.longestPause)
  }

  private func greet(over connection: Connection, within wait: Duration) async throws {
    let hello = try endpoint.token.withUnsafeBytes { token in
      try Hello(digest: endpoint.digest, token: token).encoded()
    }
    let reply: [UInt8]
    do {
      connection.send(hello)
      reply = try await connection.next(within: wait)
    } catch {
      throw SessionError(error, at: endpoint.address)
    }
    try reply.withUnsafeBytes { frame in
      do {
        let header = try FrameHeader(decoding: frame)
        let body = UnsafeRawBufferPointer(rebasing: frame[header.body])
        switch header.type {
        case .welcome: try check(Welcome(decoding: body))
        case .error:
          let error = try ErrorFrame(decoding: body)
          throw SessionError.refused(endpoint.address, error.code, error.text)
        default: throw WireError.unknownType(frame[0])
        }
      } catch let error as WireError {
        throw SessionError.notOurs(endpoint.address, reason: "\(error)")
      }
    }
  }

  /// Refuses a server whose limit a request of this bundle may exceed.
  private func check(_ welcome: Welcome) throws(SessionError) {
    let longest = endpoint.longestBody
    guard longest <= welcome.maximumBodyLength else {
      throw .requestsTooLong(
        endpoint.address, longest: longest, limit: Int(welcome.maximumBodyLength))
    }
  }
}
