import Board
import BundleFormat
import DeviceCore
import DeviceSchemes
import Foundation
import SeededRandom
import TestBundles
import Testing

@testable import DeviceKit

/// Links that stall, lose, drop to nothing and break, by seed: every image is answered once, with its
/// own answer, and by its deadline.
///
/// A short form runs here. The whole, 10,000 images for each deadline:
/// `AGILENN_LONG_TESTS=1 scripts/test --filter LinkFaultTests`.
@Suite struct LinkFaultTests {
  /// Its local answer takes 6 ms, and its payload several transmissions.
  private static let copy = Result {
    try BundleCopy(of: Repository.models.appendingPathComponent("cifar10/agilenn-split")) {
      $0.weighPrefixes((0...19).map { 1 - 0.04 * Double($0) })
    }
  }

  private static let images =
    ProcessInfo.processInfo.environment["AGILENN_LONG_TESTS"] == nil ? 1_000 : 10_000

  /// A radio with whatever can go wrong on the way.
  private static func radio(_ seed: UInt64) throws -> RadioProfile {
    var generator = SplitMix64(seed: seed)
    let wifi = try #require(try Rig.config.radio("wifi-6mbps"))
    // Rates from good to hardly anything, and silences of 2 to 200 ms again and again.
    let rate = 6e6 * pow(10, -2.5 * generator.unit())
    return RadioProfile(
      name: "faulty", uplinkBitsPerSecond: rate, downlinkBitsPerSecond: rate,
      roundTripMicroseconds: 2000 * generator.unit(),
      jitterMicroseconds: 3000 * generator.unit(),
      segments: .init(payloadBytes: 100, headerBytes: 10),
      loss: .init(probability: 0.2 * generator.unit(), timeoutMicroseconds: 5000),
      outages: (0..<3).map { _ in
        let duration = 2000 + 198_000 * generator.unit() * generator.unit()
        return .init(
          startMicroseconds: 1e5 * generator.unit(), durationMicroseconds: duration,
          periodMicroseconds: duration * (5 + 20 * generator.unit()))
      }, module: wifi.module)
  }

  @Test(arguments: [10, 25, 100])
  func allAreAnsweredByTheirDeadline(milliseconds: Int) async throws {
    var late = 0
    var sources: [Receipt.Source: Int] = [:]
    let perWorld = 100
    for world in 0..<Self.images / perWorld {
      let seed = UInt64(milliseconds * 100_000 + world)
      let outcome = try await Self.run(
        perWorld, deadline: milliseconds * 1000, seed: seed, first: world * perWorld)
      for (index, receipt) in outcome.enumerated() {
        #expect(receipt.index == world * perWorld + index)
        if let remote = receipt.prediction.remote {
          #expect(remote == receipt.index % 10, "another image's answer, seed \(seed)")
        }
        if receipt.totalMicroseconds > milliseconds * 1000 + 1000 { late += 1 }
        sources[receipt.source, default: 0] += 1
      }
      #expect(outcome.count == perWorld)
    }
    #expect(Double(late) <= 0.001 * Double(Self.images), "\(late) of \(Self.images) were late")
    #expect(sources[.none] == nil)
    // The faults leave something to do for every kind of answer; 10 ms are too short for a whole one.
    for source in [Receipt.Source.combined, .prefix, .local]
    where milliseconds > 10 || source != .combined {
      #expect(sources[source, default: 0] > 0, "\(source): \(sources)")
    }
  }

  /// A device on a faulty radio, and servers that go and come back.
  private static func run(
    _ count: Int, deadline: Int, seed: UInt64, first: Int
  ) async throws -> [Receipt] {
    var settings = DeviceSettings()
    settings.deadline = Microseconds(deadline)
    let radio = try radio(seed)
    settings.bytesPerSecond = Int(radio.uplinkBitsPerSecond / 8)
    let timeline = Timeline(.virtual)
    let bundle = try Self.copy.get().load()
    let device = EmulatedDevice(
      try PlacedDevice(
        bundle, camera: (32, 32),
        on: Board(
          profile: Rig.config.board("stm32f746"), preset: Rig.config.kernels("swift"),
          radio: radio),
        settings: settings),
      radio: radio, timeline: timeline, serverTime: .pinned(microseconds: 900), seed: seed)
    var generator = SplitMix64(seed: seed ^ 0xABCD)
    var server = FaultyServer(seed: seed, faults: Self.faults)
    var receipts: [Receipt] = []
    for index in first..<(first + count) {
      // A server that is gone is back after a while.
      if server.isClosed, generator.unit() < 0.3 {
        server = FaultyServer(seed: generator.next(), faults: Self.faults)
      }
      server.show(index)
      if !server.isClosed { try await device.use(server) }
      receipts.append(
        try await device.infer(Rig.picture(index)).receipt)
      // The camera takes its time.
      await timeline.advance(microseconds: 5000 * generator.unit())
    }
    return receipts
  }

  private static let faults = FaultyServer.Faults(lost: 0.01, duplicate: 0.05, busy: 0.03)
}
