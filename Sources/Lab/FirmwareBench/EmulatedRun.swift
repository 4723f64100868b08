package import Board
package import BundleFormat
import Datasets
public import DeviceCore
import DeviceKit
import DeviceSchemes
import FeatureCoding
import MCUKernels
import PlanCompiler

/// A run of the emulated device, recorded: the program that `agilenn-device` runs, on its board and
/// link, with a scripted server. What happened to it can be replayed on the chip.
package struct EmulatedRun {
  /// What the run is to be like.
  package struct Settings {
    package var device = DeviceSettings()
    package var radio: RadioProfile?
    /// The server's time for every answer, in microseconds.
    package var serverTime = 900
    package var script: [RehearsedServer.Reply] = [.prediction]
    package var seed: UInt64 = 1
    /// Whether there is no server.
    package var isOffline = false

    package init() {}
  }

  package let plan: [UInt8]
  package let settings: DeviceSettings
  package let events: [TracedEvent]
  /// Bytes of the pieces of the device's memory: arena, coder, transmit and receive buffer.
  package let memory: DeviceMemory.Sizes

  /// - Parameters:
  ///   - images: as the camera delivers them.
  ///   - camera: pixels of them.
  ///   - board: with nothing placed in it.
  /// - Throws: what placing the bundle throws.
  package init(
    of bundle: ModelBundle, images: [[UInt8]], camera: (width: Int, height: Int), on board: Board,
    settings: Settings
  ) async throws {
    var device = settings.device
    if let radio = settings.radio { device.bytesPerSecond = Int(radio.uplinkBitsPerSecond / 8) }
    let placed = try PlacedDevice(bundle, camera: camera, on: board, settings: device)
    let plan = placed.image.plan
    let symbols = (0..<plan.pathCount).compactMap { plan.path($0).send }
      .map(\.symbolCount).max()
    let emulated = EmulatedDevice(
      placed, radio: settings.radio, timeline: Timeline(.virtual),
      serverTime: .pinned(microseconds: settings.serverTime), seed: settings.seed)
    let recording = Recording()
    emulated.trace = { recording.events.append($0) }
    var server: RehearsedServer?
    for (index, pixels) in images.enumerated() {
      if placed.core.wantsServer, !settings.isOffline {
        // As a session does, which connects anew before the next image.
        if server?.isGone ?? true {
          server = RehearsedServer(
            classes: plan.classCount, symbols: symbols ?? 0, script: settings.script,
            startingAt: index, seed: settings.seed &+ UInt64(index))
        }
        if let server { try await emulated.use(server) }
      }
      _ = try await emulated.infer(
        LabelledImage(
          index: index, pixels: pixels, width: camera.width, height: camera.height, label: nil,
          name: "\(index)"))
    }
    self.plan = try PlacedDevice.compile(bundle, camera: camera).image
    self.settings = device
    events = recording.events
    memory = try DeviceMemory.Sizes(of: plan)
  }

  private final class Recording {
    var events: [TracedEvent] = []
  }

  /// The job that replays it on the chip.
  package var job: BenchJob { BenchJob(plan: plan, settings: settings, replaying: events) }

  /// The answers to the images, in order.
  package var answers: [DeviceAnswer] { events.compactMap(\.actions.answer) }

  /// What the chip did otherwise, a line for each event; none where it did the same.
  package func differences(from result: BenchResult) -> [String] {
    BenchResult.differences(of: result.events, from: events)
  }
}

extension BenchResult {
  /// Where outcomes are not those of a run on the host, a line for each event.
  public static func differences(
    of outcomes: [BenchOutcome], from trace: [TracedEvent]
  ) -> [String] {
    var lines: [String] = []
    if outcomes.count != trace.count {
      lines.append("\(outcomes.count) events instead of \(trace.count)")
    }
    for (index, (mine, theirs)) in zip(outcomes, trace).enumerated() {
      guard let difference = mine.difference(from: BenchOutcome(theirs)) else { continue }
      lines.append("event \(index), \(theirs.event) at \(theirs.instant): \(difference)")
    }
    return lines
  }
}
