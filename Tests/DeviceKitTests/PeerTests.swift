import Board
import BundleFormat
import Foundation
import OffloadWire
import Synchronization
import Testing

@testable import DeviceKit

/// What listens is no server of ours, or one that does not behave.
@Suite struct PeerTests {
  /// How a run against a server that answers like this ends at its start.
  static func refusal(_ answer: @escaping FrameServer.Answer) async throws -> SessionError? {
    let server = try await FrameServer.start(answer)
    let error = await #expect(throws: SessionError.self) {
      try await ServerTroubleTests.run(against: server.port)
    }
    try await server.stop()
    return error
  }

  @Test func anotherProtocol() async throws {
    let error = try await Self.refusal { _, _ in Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8) }
    #expect(error?.exitStatus == 69)
    #expect(error?.description.contains("is no server of this protocol") == true)
    let pong = try await Self.refusal { _, _ in try Pong(nonce: 1).encoded() }
    #expect(pong?.exitStatus == 69)
    #expect(pong?.description.contains("is no server of this protocol") == true)
  }

  @Test func anotherVersion() async throws {
    let welcome = try await Self.refusal { _, _ in
      var bytes = try FrameServer.welcome()
      bytes[FrameHeader.size] = 1
      return bytes
    }
    #expect(welcome?.exitStatus == 69)
    let error = try await Self.refusal { _, _ in
      try ErrorFrame.encoded(code: .unsupportedVersion, text: "version 3")
    }
    #expect(error?.exitStatus == 69)
    #expect(error?.description.contains("(unsupportedVersion): version 3") == true)
  }

  /// A limit one byte below the longest frame is refused, the longest itself is not.
  @Test func aLimitBelowTheLongestFrame() async throws {
    let short = try await Self.refusal { _, _ in try FrameServer.welcome(20) }
    guard case .requestsTooLong(_, let longest, 20) = short else {
      Issue.record("\(String(describing: short))")
      return
    }
    #expect(short?.exitStatus == 76)
    #expect(
      short?.description.hasSuffix(
        "takes requests of 20 bytes, this bundle's can have \(longest)") == true)
    let almost = try await Self.refusal { _, _ in
      try FrameServer.welcome(UInt32(longest) - 1)
    }
    #expect(almost?.exitStatus == 76)

    let server = try await FrameServer.start { frame, _ in
      try Self.busy(frame, limit: UInt32(longest))
    }
    let outcome = try await Rig.run().run(
      Rig.images(1), server: .init(.init(host: "127.0.0.1", port: server.port)),
      warn: { _ in }, each: { _ in })
    #expect(outcome.summary.images == 1, "it got past the start")
    try await server.stop()
  }

  /// Welcomes a hello and refuses every request at its end.
  static func busy(_ frame: [UInt8], limit: UInt32 = .max) throws -> [UInt8]? {
    switch FrameType(rawValue: frame[0]) {
    case .hello: try FrameServer.welcome(limit)
    case .end: try Refusal.encoded(id: id(of: frame), code: .busy, text: "too much")
    default: nil
    }
  }

  /// The request's number, which the body of each of its frames begins with.
  static func id(of frame: [UInt8]) -> UInt32 {
    frame[8...11].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// A server that is always busy keeps its connection; the warning and the table say what it costs.
  @Test func alwaysBusy() async throws {
    let connections = Mutex(0)
    let server = try await FrameServer.start { frame, connection in
      connections.withLock { $0 = max($0, connection + 1) }
      return try Self.busy(frame)
    }
    var warnings: [String] = []
    let outcome = try await Rig.run().run(
      Rig.images(7), server: .init(.init(host: "127.0.0.1", port: server.port)),
      warn: { warnings.append($0) }, each: { _ in })
    #expect(
      warnings == [
        "127.0.0.1:\(server.port): the server refused the request (busy): too much; "
          + "image 0 is answered locally, as is any other that it refuses"
      ])
    #expect(outcome.serverFailed)
    #expect(connections.withLock { $0 } == 1)
    let table = try SummaryTable(
      bundle: Rig.bundle(), outcome: outcome, settings: Rig.settings()
    ).text
    let row = table.split(separator: "\n").first { $0.contains("answered by the local network") }
    #expect(row?.hasSuffix(" 7") == true)
    try await server.stop()
  }

  /// A made-up server time is neither believed nor slept: the clock has moved by the device's work
  /// and the radio's alone.
  @Test func madeUpTimesAreNotSlept() async throws {
    let server = try await FrameServer.start { frame, _ in
      guard frame[0] == FrameType.end.rawValue else {
        return frame[0] == FrameType.hello.rawValue ? try FrameServer.welcome() : nil
      }
      return try [Int8](repeating: 1, count: 10).withUnsafeBytes { logits in
        try Prediction(
          id: Self.id(of: frame), symbolsUsed: 80, scale: 1, queueMicroseconds: .max,
          decodeMicroseconds: .max, runMicroseconds: .max,
          logits: logits
        ).encoded()
      }
    }
    var settings = try Rig.settings(time: .paced, serverTime: .measured)
    settings.clock = SleepingClock()
    var warnings: [String] = []
    let outcome = try await Rig.run(settings).run(
      Rig.images(1), server: .init(.init(host: "127.0.0.1", port: server.port)),
      warn: { warnings.append($0) }, each: { #expect($0.source == .local) })
    #expect(outcome.serverFailed && outcome.seconds < 1)
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("worked 12884901885 us") == true)
    try await server.stop()
  }

  static func session(_ server: FrameServer, _ timeline: Timeline) throws -> ServerSession {
    let digest = try #require(BundleDigest(Rig.bundle().digest))
    return ServerSession(
      .init(
        address: .init(host: "127.0.0.1", port: server.port), digest: digest, token: [],
        timeline: timeline, longestAnswer: 276, longestBody: 100))
  }

  /// The wait that ended with the loss is not made up for by hurrying through the next images.
  @Test func pacedTimeDoesNotCatchUpWithALoss() async throws {
    let server = try await FrameServer.start { _, _ in try FrameServer.welcome() }
    let timeline = Timeline(.paced)
    let session = try Self.session(server, timeline)
    try await session.open()
    try await Task.sleep(for: .milliseconds(200))
    await session.drop()
    let start = ContinuousClock.now
    await timeline.advance(microseconds: 100_000)
    #expect(ContinuousClock.now - start >= .milliseconds(90))
    await session.close()
    try await server.stop()
  }

  /// After a loss, a server that takes the connection and says nothing holds up an image for a
  /// second, and is then left alone for ten times as long.
  @Test func silentAtTheSecondHello() async throws {
    let hellos = Mutex(0)
    let server = try await FrameServer.start { _, connection in
      hellos.withLock { $0 += 1 }
      return connection == 0 ? try FrameServer.welcome() : nil
    }
    let timeline = Timeline(.virtual)
    let session = try Self.session(server, timeline)
    try await session.open()
    #expect(await session.current() != nil)
    await session.drop()
    await timeline.advance(microseconds: 100_000)

    let start = ContinuousClock.now
    #expect(await session.current() == nil)
    let elapsed = ContinuousClock.now - start
    #expect(elapsed >= .milliseconds(990) && elapsed < .seconds(5))
    #expect(hellos.withLock { $0 } == 2)
    await timeline.advance(microseconds: 9_000_000)
    #expect(await session.current() == nil)
    #expect(hellos.withLock { $0 } == 2)
    await session.close()
    try await server.stop()
  }
}
