import Board
import Foundation
import ServerKit
import Testing

@testable import DeviceKit

/// A run against a real server.
@Suite struct DeviceRunTests {
  @Test func receiptsOfARun() async throws {
    let (receipts, outcome) = try await Rig.receipts(Rig.settings(), count: 60)
    #expect(receipts.map(\.index) == Array(0..<60))
    for receipt in receipts {
      #expect(receipt.source == .combined)
      #expect(receipt.symbols == .init(sent: 80, used: 80, all: 80))
      #expect(receipt.label != nil && receipt.prediction.combined != nil)
      #expect(receipt.microseconds(in: .run) == 1000)
      #expect(receipt.microseconds(in: .queue) == 0 && receipt.microseconds(in: .decode) == 0)
      // The radio alone decides: bytes · 8 bits at 6 Mbps, to half a microsecond at either end.
      let uplink = Double(receipt.bytes.up) * 8 / 6
      #expect(abs(Double(receipt.microseconds(in: .uplink)) - uplink) <= 1)
      let downlink = Double(receipt.bytes.down) * 8 / 6
      #expect(abs(Double(receipt.microseconds(in: .downlink)) - downlink) <= 1)
      #expect(receipt.energy.compute > 0 && receipt.energy.radio > 0)
      #expect(receipt.deadlineMicroseconds == nil)
    }
    #expect(outcome.summary.images == 60)
    #expect(!outcome.serverFailed)
    #expect(Set(receipts.map(\.prediction)).count > 5)
  }

  /// The answer of the remote half is the linear network's on the features that arrived.
  @Test func measuredServerTime() async throws {
    let (receipts, _) = try await Rig.receipts(
      Rig.settings(serverTime: .measured), count: 5)
    #expect(receipts.allSatisfy { $0.source == .combined })
    #expect(receipts.contains { $0.microseconds(in: .run) > 0 })
  }

  @Test func theSameReceiptsEveryTime() async throws {
    let first = try await Rig.receipts(Rig.settings(), count: 20).receipts
    let second = try await Rig.receipts(Rig.settings(), count: 20).receipts
    #expect(first == second)
  }

  /// Paced time gives the same receipts, and a wall clock that only sleeps move agrees with their
  /// sum: every span is slept, none twice.
  @Test(arguments: ["wifi-6mbps", "ble-2mbps", "ble-270kbps"])
  func pacedTimeIsVirtualTime(radio: String) async throws {
    let virtual = try await Rig.receipts(Rig.settings(radio: radio), count: 30)
    var settings = try Rig.settings(radio: radio, time: .paced)
    settings.clock = SleepingClock()
    let paced = try await Rig.receipts(settings, count: 30)
    #expect(paced.receipts == virtual.receipts)
    let emulated = virtual.receipts.reduce(0) { $0 + $1.totalMicroseconds }
    // Each image within a microsecond of its receipt.
    #expect(abs(paced.outcome.seconds * 1e6 - Double(emulated)) <= 30)
    #expect(virtual.outcome.seconds != paced.outcome.seconds)
  }

  @Test func clockScalesLocalTimeAlone() async throws {
    var slow = try Rig.settings()
    slow.megahertz = 72
    let slowReceipt = try #require(try await Rig.receipts(slow, count: 1).receipts.first)
    let fastReceipt = try #require(try await Rig.receipts(Rig.settings(), count: 1).receipts.first)
    for stage in [Span.Stage.extract, .local, .code, .combine] {
      let slow = slowReceipt.microseconds(in: stage)
      #expect(abs(slow - 3 * fastReceipt.microseconds(in: stage)) <= 4, "\(stage)")
    }
    #expect(
      abs(slowReceipt.microseconds(in: .uplink) - fastReceipt.microseconds(in: .uplink)) <= 1)
  }

  @Test func offline() async throws {
    var receipts: [Receipt] = []
    let outcome = try await Rig.run().run(
      Rig.images(10), server: nil, warn: { Issue.record("\($0)") }, each: { receipts.append($0) })
    #expect(receipts.count == 10)
    #expect(receipts.allSatisfy { $0.source == .local && $0.prediction.remote == nil })
    #expect(!outcome.serverFailed)
    #expect(outcome.summary.local.judged == 10 && outcome.summary.combined.judged == 0)
  }

  @Test func noImages() async throws {
    let outcome = try await Rig.run().run(
      Rig.images(0), server: nil, warn: { _ in }, each: { _ in })
    #expect(outcome.summary.images == 0)
    #expect(outcome.imagesPerSecond == 0)
  }

  @Test func aSinkThatThrowsEndsTheRun() async throws {
    struct Full: Error {}
    let server = try Rig.server()
    let address = try await server.start()
    await #expect(throws: Full.self) {
      _ = try await Rig.run().run(
        Rig.images(10), server: .init(.init(host: address.host, port: address.port)),
        warn: { _ in }, each: { _ in throw Full() })
    }
    await server.shutdown()
  }
}
