import NIOCore
import Testing

@testable import Connection

/// A connection to a real server in this process.
struct ConnectionTests {
  private func connect(_ server: TestServer) async throws -> Connection {
    try await Connection.open(host: "127.0.0.1", port: server.port)
  }

  @Test func manyExchangesInTurn() async throws {
    let server = try await TestServer.ponging()
    let link = try await connect(server)
    for nonce in 0..<200 {
      #expect(try await link.exchange(Frames.ping(UInt8(nonce))) == Frames.pong(UInt8(nonce)))
    }
    try await server.stop()
  }

  @Test func anAnswerByteByByte() async throws {
    let server = try await TestServer.start { _, channel in
      for (index, byte) in Frames.prediction(40).enumerated() {
        channel.eventLoop.scheduleTask(in: .milliseconds(Int64(index))) { channel.send([byte]) }
      }
    }
    let link = try await connect(server)
    #expect(try await link.exchange(Frames.infer()) == Frames.prediction(40))
    try await server.stop()
  }

  /// Several frames in one piece are one answer each.
  @Test func severalFramesAtOnce() async throws {
    let server = try await TestServer.ponging()
    let link = try await connect(server)
    link.send(Frames.ping(1) + Frames.ping(2) + Frames.ping(3))
    for nonce in UInt8(1)...3 {
      #expect(try await link.next(within: .seconds(10)) == Frames.pong(nonce))
    }
    try await server.stop()
  }

  @Test func largeFramesBothWays() async throws {
    let server = try await TestServer.start { frame, channel in
      channel.send(Frames.prediction(frame.count == 2_000_000 ? 60_000 : 100))
    }
    let link = try await connect(server)
    #expect(try await link.exchange(Frames.chunk(2_000_000)).count == 60_000)
    try await server.stop()
  }

  @Test func severalConnectionsAtOnce() async throws {
    let server = try await TestServer.ponging()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for nonce in 0..<16 {
        group.addTask {
          let link = try await connect(server)
          for _ in 0..<20 {
            #expect(try await link.exchange(Frames.ping(UInt8(nonce))) == Frames.pong(UInt8(nonce)))
          }
        }
      }
      try await group.waitForAll()
    }
    try await server.stop()
  }
}
