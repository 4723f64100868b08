import Board
import NIOCore
import Synchronization
import Testing

@testable import Link

/// A link to a real server in this process, in virtual time.
struct LinkTests {
  private func connect(
    _ server: TestServer, radio: RadioProfile? = .test(), timeline: Timeline = Timeline(.virtual),
    limits: LinkLimits = LinkLimits()
  ) async throws -> Link {
    try await Link.connect(
      host: "127.0.0.1", port: server.port, radio: radio, timeline: timeline, seed: 1,
      limits: limits)
  }

  @Test func anExchangeTakesTheRadiosTime() async throws {
    let server = try await TestServer.start { _, channel in channel.send(Frames.prediction(72)) }
    let timeline = Timeline(.virtual)
    let link = try await connect(server, timeline: timeline)
    let exchange = try await link.exchange(Frames.infer(1000)) { reply, _ in
      #expect(reply == Frames.prediction(72))
      return 930
    }
    #expect(exchange.reply == Frames.prediction(72))
    #expect(exchange.uplinkMicroseconds == 8000)
    #expect(exchange.serverMicroseconds == 930)
    #expect(exchange.downlinkMicroseconds == 1152, "72 bytes at 16 us")
    #expect(exchange.totalMicroseconds == 10_082)
    #expect(timeline.now == exchange.totalMicroseconds)
    await link.close()
    try await server.stop()
  }

  @Test func itsEnergyIsByTheAirAndTheWait() async throws {
    let server = try await TestServer.start { _, channel in channel.send(Frames.prediction(72)) }
    let radio = RadioProfile.test(roundTrip: 2000)
    let link = try await connect(server, radio: radio)
    let exchange = try await link.exchange(Frames.infer(1000)) { _, _ in 500 }
    let board = try ConfigStore.locate().board("stm32f746")
    var meter = EnergyMeter(
      power: PowerModel(profile: .chip, board: board, radio: radio, megahertz: 216))
    exchange.charge(to: &meter)
    let waiting = 3.3 * 0.010 * (2000 + 500)
    let air = 3.3 * (0.100 * 8000 + 0.050 * 1152)
    #expect(abs(meter.radioMicrojoules - waiting - air) < 1e-9)
    #expect(abs(meter.computeMicrojoules - 3.3 * 0.090 * exchange.totalMicroseconds) < 1e-6)
    try await server.stop()
  }

  @Test func aHandshakeTakesNoEmulatedTime() async throws {
    let server = try await TestServer.ponging()
    let timeline = Timeline(.virtual)
    let link = try await connect(server, timeline: timeline)
    #expect(try await link.handshake(Frames.ping(7)) == Frames.pong(7))
    #expect(timeline.now == 0)
    try await server.stop()
  }

  @Test func anUnshapedLinkInVirtualTimeCostsTheServersTimeAlone() async throws {
    let server = try await TestServer.ponging()
    let timeline = Timeline(.virtual)
    let link = try await connect(server, radio: nil, timeline: timeline)
    let exchange = try await link.exchange(Frames.ping(1)) { _, _ in 250 }
    #expect(exchange.uplinkMicroseconds == 0)
    #expect(exchange.downlinkMicroseconds == 0)
    #expect(exchange.uplinkAirMicroseconds == 0)
    #expect(timeline.now == 250)
    try await server.stop()
  }

  @Test func manyExchangesInTurn() async throws {
    let server = try await TestServer.ponging()
    let link = try await connect(server)
    for nonce in 0..<200 {
      let exchange = try await link.exchange(Frames.ping(UInt8(nonce))) { _, _ in 0 }
      #expect(exchange.reply == Frames.pong(UInt8(nonce)))
    }
    try await server.stop()
  }

  @Test func aReplyByteByByte() async throws {
    let server = try await TestServer.start { _, channel in
      for (index, byte) in Frames.prediction(40).enumerated() {
        channel.eventLoop.scheduleTask(in: .milliseconds(Int64(index))) { channel.send([byte]) }
      }
    }
    let link = try await connect(server)
    let exchange = try await link.exchange(Frames.infer(20)) { _, _ in 0 }
    #expect(exchange.reply == Frames.prediction(40))
    try await server.stop()
  }

  @Test func largeFramesBothWays() async throws {
    let server = try await TestServer.start { frame, channel in
      channel.send(Frames.prediction(frame.count == 2_000_000 ? 60_000 : 100))
    }
    let link = try await connect(server)
    let exchange = try await link.exchange(Frames.infer(2_000_000)) { _, _ in 0 }
    #expect(exchange.reply.count == 60_000)
    try await server.stop()
  }

  @Test func severalLinksAtOnce() async throws {
    let server = try await TestServer.ponging()
    try await withThrowingTaskGroup(of: Double.self) { group in
      for nonce in 0..<16 {
        group.addTask {
          let timeline = Timeline(.virtual)
          let link = try await connect(server, timeline: timeline)
          for _ in 0..<20 {
            let exchange = try await link.exchange(Frames.ping(UInt8(nonce))) { _, _ in 1 }
            #expect(exchange.reply == Frames.pong(UInt8(nonce)))
          }
          return timeline.now
        }
      }
      for try await now in group { #expect(now == 7700, "20 times 128 up, 1, 256 down") }
    }
    try await server.stop()
  }
}
