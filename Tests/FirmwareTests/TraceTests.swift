import Board
import BundleFormat
import DeviceCore
import FeatureCoding
import FirmwareBench
import MCUKernels
import OffloadWire
import Testing

/// What can happen to a device, on the emulated one and on the chip: the same actions, bytes and
/// answers.
@Suite(.enabled(if: FirmwareUnderTest.isAvailable, FirmwareUnderTest.skipped))
struct TraceTests {
  private static let imageCount = 8

  /// Runs that must be equal, and the sources of their answers.
  private func run(
    _ model: CommittedModels.Model, radio: String? = "wifi-6mbps",
    _ change: (inout EmulatedRun.Settings) -> Void = { _ in }
  ) async throws -> EmulatedRun {
    let bench = try FirmwareUnderTest.bench.get()
    var settings = EmulatedRun.Settings()
    if let radio { settings.radio = try FirmwareUnderTest.config.radio(radio) }
    change(&settings)
    let run = try await model.emulated(images: Self.imageCount, settings: settings)
    let result = try #require(try bench.run([run.job]).results.first)
    #expect(result.status == .ok)
    #expect(run.differences(from: result) == [])
    #expect(result.strayWords == 0)
    #expect(result.stackUsed <= (try FirmwareUnderTest.recordedFigures().stack - 512))
    #expect(run.answers.count == Self.imageCount)
    return run
  }

  private func sources(_ run: EmulatedRun) -> Set<DeviceAnswer.Source> {
    Set(run.answers.map(\.source))
  }

  @Test(arguments: CommittedModels.offloading)
  func bothCoders(_ committed: CommittedModels.Model) async throws {
    let lzw = try await run(BundleVariant.lzw(of: committed))
    let range = try await run(BundleVariant.range(of: committed))
    #expect(sources(lzw) == [.combined] && sources(range) == [.combined])
    #expect(lzw.answers.map(\.symbolsSent) == range.answers.map(\.symbolsSent))
    #expect(lzw.events.map(\.sent) != range.events.map(\.sent))
    let coders = [lzw, range].map { run in Set(run.events.compactMap { $0.done?.coder.rawValue }) }
    #expect(coders[0].contains(1) && coders[1].contains(2))
  }

  @Test(arguments: CommittedModels.offloading)
  func deadlinesAndBudgets(_ committed: CommittedModels.Model) async throws {
    let thrifty = try await run(committed) { $0.device.budget = 60 }
    // With one α for all counts the device's own answer counts alone beside a part of the payload.
    let weighsPrefixes = committed.bundle.manifest.paths[0].exits
      .contains { ($0.alpha ?? []).count > 1 }
    #expect(sources(thrifty) == [weighsPrefixes ? .prefix : .local])
    let nothing = try await run(committed) { $0.device.budget = 0 }
    #expect(sources(nothing) == [.local])
    for microseconds: Microseconds in [0, 1, 5000, 12_000, 86_400_000_000] {
      _ = try await run(committed) { $0.device.deadline = microseconds }
    }
    let slow = try await run(committed, radio: "ble-270kbps") { $0.device.deadline = 40_000 }
    #expect(slow.answers.allSatisfy { $0.symbolsUsed < $0.symbolsAll || $0.source == .combined })
    let late = try await run(committed) {
      $0.device.deadline = 12_000
      $0.serverTime = 30_000
    }
    #expect(sources(late) == [.local], "the server answers when nobody waits any more")
    #expect(late.events.contains { if case .received = $0.event { true } else { false } })
  }

  @Test(arguments: CommittedModels.offloading)
  func policiesAndLanes(_ committed: CommittedModels.Model) async throws {
    let sure = try await run(BundleVariant.confident(of: committed, threshold: 0)) {
      $0.device.policy = .confident
    }
    #expect(sources(sure) == [.local])
    #expect(sure.events.allSatisfy { $0.sent.isEmpty })
    let unsure = try await run(BundleVariant.confident(of: committed, threshold: 1)) {
      $0.device.policy = .confident
      $0.device.budget = 100
    }
    #expect(sources(unsure).contains(.prefix))
    let line = try await run(committed) { $0.device.overlaps = false }
    #expect(sources(line) == [.combined])
    _ = try await run(committed, radio: nil)
    let offline = try await run(committed) { $0.isOffline = true }
    #expect(sources(offline) == [.local])
  }

  @Test(arguments: CommittedModels.offloading)
  func serversThatMisbehave(_ committed: CommittedModels.Model) async throws {
    for reply: RehearsedServer.Reply in [
      .refusal(.busy), .lost, .error, .wrongLogits, .foreign, .impossibleCount, .malformed,
    ] {
      let run = try await run(committed) { $0.script = [.prediction, reply] }
      #expect(sources(run) == [.combined, .local], "\(reply)")
    }
  }
}
