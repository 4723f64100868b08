import NIOCore
import SeededRandom
import Testing

@testable import Connection

/// Servers that are not there, go away, say nothing or talk nonsense.
struct ConnectionFailureTests {
  private func connect(
    port: Int, host: String = "127.0.0.1", maximumBodyLength: Int = 1 << 20
  ) async throws -> Connection {
    try await Connection.open(
      host: host, port: port, limits: ConnectionLimits(maximumBodyLength: maximumBodyLength))
  }

  /// The error of one exchange with a server that answers so, and that of the next one.
  private func failure(
    within wait: Duration = .seconds(10), maximumBodyLength: Int = 1 << 20,
    _ answer: @escaping TestServer.Answer
  ) async throws -> ConnectionError {
    let server = try await TestServer.start(answer)
    let link = try await connect(port: server.port, maximumBodyLength: maximumBodyLength)
    let first = await #expect(throws: ConnectionError.self) {
      try await link.exchange(Frames.ping(1), within: wait)
    }
    let second = await #expect(throws: ConnectionError.self) {
      try await link.exchange(Frames.ping(2), within: wait)
    }
    #expect(first == second, "what is broken stays broken")
    await link.close()
    try await server.stop()
    let error = try #require(first)
    #expect(!error.description.contains("\n"))
    return error
  }

  @Test func nobodyListens() async throws {
    let server = try await TestServer.ponging()
    try await server.stop()
    let error = await #expect(throws: ConnectionError.self) { try await connect(port: server.port) }
    #expect(error?.exitStatus == 69)
    #expect(
      error?.description
        == "server 127.0.0.1:\(server.port) is unreachable: connection refused")
  }

  @Test(arguments: [0, -1, 65536, Int.max])
  func noSuchPort(port: Int) async throws {
    let error = await #expect(throws: ConnectionError.self) { try await connect(port: port) }
    #expect(error == .unreachable(host: "127.0.0.1", port: port, reason: "no such port"))
  }

  @Test func noSuchHost() async throws {
    let error = await #expect(throws: ConnectionError.self) {
      try await connect(port: 7433, host: "no-such-host.invalid")
    }
    #expect(error?.exitStatus == 69)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func itClosesInsteadOfAnswering() async throws {
    let error = try await failure { _, channel in channel.close(promise: nil) }
    #expect(error == .lost(reason: "it closed the connection"))
    #expect(error.exitStatus == 75)
  }

  @Test(arguments: [1, 7, 8, 9, 39])
  func itClosesInTheMiddleOfAFrame(bytes: Int) async throws {
    let error = try await failure { _, channel in
      channel.writeAndFlush(ByteBuffer(bytes: Frames.prediction(40).prefix(bytes)))
        .whenComplete { _ in channel.close(promise: nil) }
    }
    #expect(error == .lost(reason: "it closed the connection in the middle of a frame"))
  }

  @Test func itAcceptsAndSaysNothing() async throws {
    let error = try await failure(within: .milliseconds(80)) { _, _ in }
    #expect(error == .timedOut(seconds: 0.08))
    #expect(error.description == "server lost: no answer within 0.08 s")
    #expect(error.exitStatus == 75)
  }

  @Test func itStopsInTheMiddleOfAFrame() async throws {
    let error = try await failure(within: .milliseconds(80)) {
      $1.send(Array(Frames.prediction(40).prefix(20)))
    }
    #expect(error == .timedOut(seconds: 0.08))
  }

  @Test func itTalksSomethingElse() async throws {
    let error = try await failure { _, channel in
      channel.send(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
    }
    guard case .protocolViolation = error else {
      Issue.record("\(error)")
      return
    }
    #expect(error.exitStatus == 75)
  }

  @Test func itsFrameIsLongerThanAllowed() async throws {
    let error = try await failure(maximumBodyLength: 64) { _, channel in
      channel.send(Frames.header(type: 4, length: 65))
    }
    guard case .protocolViolation = error else {
      Issue.record("\(error)")
      return
    }
  }

  /// What nobody asked for is kept for whoever asks next, up to a point.
  @Test func itAnswersTwice() async throws {
    let server = try await TestServer.start { _, channel in
      channel.send(Frames.pong(1) + Frames.pong(2))
    }
    let link = try await connect(port: server.port)
    #expect(try await link.exchange(Frames.ping(1)) == Frames.pong(1))
    #expect(try await link.next(within: .seconds(10)) == Frames.pong(2))
    await link.close()
    try await server.stop()
  }

  @Test func itFloods() async throws {
    let server = try await TestServer.greeting { channel in
      channel.send((0..<200).flatMap { Frames.pong($0) })
    }
    let link = try await connect(port: server.port)
    try await Task.sleep(for: .milliseconds(100))
    let error = await #expect(throws: ConnectionError.self) {
      for _ in 0..<200 { _ = try await link.next(within: .seconds(10)) }
    }
    #expect(error == .protocolViolation(reason: "frames that nobody asked for"))
    try await server.stop()
  }

  @Test func itsLastWordsAreHeard() async throws {
    let server = try await TestServer.greeting { channel in
      channel.writeAndFlush(ByteBuffer(bytes: Frames.error)).whenComplete { _ in
        channel.close(promise: nil)
      }
    }
    let link = try await connect(port: server.port)
    try await Task.sleep(for: .milliseconds(100))
    #expect(try await link.exchange(Frames.ping(1)) == Frames.error)
    let error = await #expect(throws: ConnectionError.self) {
      try await link.exchange(Frames.ping(1))
    }
    #expect(error == .lost(reason: "it closed the connection"))
    try await server.stop()
  }

  @Test func aClosedLinkIsClosed() async throws {
    let server = try await TestServer.ponging()
    let link = try await connect(port: server.port)
    await link.close()
    await link.close()
    let error = await #expect(throws: ConnectionError.self) {
      try await link.exchange(Frames.ping(1))
    }
    #expect(error?.exitStatus == 75)
    try await server.stop()
  }

  @Test func cancellationInAnExchangeEndsIt() async throws {
    let server = try await TestServer.start()
    let link = try await connect(port: server.port)
    let task = Task {
      try await link.exchange(Frames.ping(1))
    }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    let error = await #expect(throws: ConnectionError.self) { try await task.value }
    #expect(error == .cancelled)
    try await server.stop()
  }

  /// Whatever a server sends, an exchange ends in a reply or an error.
  @Test func junkNeverHangsTheLink() async throws {
    for seed in 1...30 {
      let server = try await TestServer.start { _, channel in
        var generator = SplitMix64(seed: UInt64(seed))
        let junk = (0..<200).map { _ in
          UInt8(generator.unit() < 0.3 ? 0 : generator.unit() * 256)
        }
        channel.writeAndFlush(ByteBuffer(bytes: [UInt8(1 + seed % 10)] + junk))
          .whenComplete { _ in channel.close(promise: nil) }
      }
      let link = try await connect(port: server.port)
      await #expect(throws: ConnectionError.self) {
        for _ in 0..<50 { _ = try await link.exchange(Frames.ping(1)) }
      }
      try await server.stop()
    }
  }
}

extension Connection {
  /// Sends a frame and waits for one.
  func exchange(
    _ frame: [UInt8], within wait: Duration = .seconds(10)
  ) async throws(ConnectionError) -> [UInt8] {
    send(frame)
    return try await next(within: wait)
  }
}
