import NIOCore
import NIOEmbedded
import OffloadWire
import Testing

@testable import ServerKit

/// One connection in a loop whose time the test moves: time limits, and reading no faster than the
/// device does.
struct ConnectionHandlerTests {
  private func setting() async throws -> ConnectionSetting { try await ConnectionSetting() }

  @Test func aConnectionThatSaysNothing() async throws {
    let setting = try await setting()
    await setting.advance(.milliseconds(4_999))
    #expect(try await setting.reply() == nil)
    #expect(setting.channel.isActive)
    await setting.advance(.milliseconds(2))
    #expect(try await setting.reply() == .error(.malformed))
    #expect(!setting.channel.isActive)
  }

  @Test func aHelloThatDripsInGetsNoMoreTime() async throws {
    let setting = try await setting()
    for byte in try Frames.hello(setting.bundle).prefix(9) {
      try await setting.send([byte])
      await setting.advance(.milliseconds(550))
    }
    // 4.95 s are over.
    #expect(setting.channel.isActive)
    await setting.advance(.milliseconds(100))
    #expect(try await setting.reply() == .error(.malformed))
    #expect(!setting.channel.isActive)
  }

  @Test func aFrameThatDripsInGetsNoMoreTime() async throws {
    let setting = try await setting()
    try await setting.send(Frames.hello(setting.bundle))
    #expect(try await setting.reply() == .welcome(maximumBodyLength: 12))
    await setting.advance(.seconds(30))
    for byte in try Ping(nonce: 1).encoded().dropLast() {
      try await setting.send([byte])
      await setting.advance(.milliseconds(650))
    }
    // 9.75 s since the ping's first byte.
    #expect(setting.channel.isActive)
    await setting.advance(.milliseconds(300))
    #expect(try await setting.reply() == .error(.malformed))
    #expect(!setting.channel.isActive)
  }

  @Test func aFrameInTimeStartsTheIdleTimeAnew() async throws {
    let setting = try await setting()
    try await setting.send(Frames.hello(setting.bundle))
    #expect(try await setting.reply() == .welcome(maximumBodyLength: 12))
    for nonce in 0..<4 as Range<UInt64> {
      await setting.advance(.seconds(59))
      try await setting.send(Ping(nonce: nonce).encoded())
      #expect(try await setting.reply() == .pong(nonce))
    }
    await setting.advance(.milliseconds(59_999))
    #expect(setting.channel.isActive)
    await setting.advance(.milliseconds(2))
    #expect(try await setting.reply() == nil)
    #expect(!setting.channel.isActive)
    #expect(setting.core.statistics.current.errors == 0)
  }

  @Test func aDeviceThatDoesNotReadIsNotReadFrom() async throws {
    let setting = try await setting()
    let loop = setting.channel.testingEventLoop
    func reads(writable: Bool) async throws -> Int {
      try await loop.executeInContext {
        setting.channel.isWritable = writable
        setting.channel.pipeline.fireChannelWritabilityChanged()
        return setting.reads.count
      }
    }
    func read() async throws -> Int {
      try await loop.executeInContext {
        setting.channel.pipeline.read()
        return setting.reads.count
      }
    }
    let start = try await read()
    #expect(try await read() == start + 1)
    #expect(try await reads(writable: false) == start + 1)
    #expect(try await read() == start + 1)
    #expect(try await read() == start + 1)
    // One read makes up for those held back.
    #expect(try await reads(writable: true) == start + 2)
    #expect(try await read() == start + 3)
    #expect(try await reads(writable: false) == start + 3)
    #expect(try await reads(writable: true) == start + 3)
  }
}
