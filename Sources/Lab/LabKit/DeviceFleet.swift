import BundleFormat
import DeviceKit

/// Emulated devices that share a run's images and work at the same time.
///
/// The images are dealt like cards: the number of devices alone decides which of them takes which
/// image, not the speed of this machine's cores.
struct DeviceFleet {
  private enum Event: Sendable {
    case warning(String)
    case receipt(Receipt, device: Int)
    case ended(serverFailed: Bool)
    case failed(any Error)
  }

  let bundle: ModelBundle
  let settings: DeviceRun.Settings
  let devices: Int

  /// Classifies the images.
  ///
  /// - Parameters:
  ///   - warn: takes each warning, once where several devices have the same one.
  ///   - each: takes each receipt, in the order of the images.
  /// - Throws: what `each` or the first device to fail throws; the other devices stop then.
  func run(
    _ images: ImageSource, server: DeviceRun.Server?, warn: (String) -> Void,
    each: (Receipt) async throws -> Void
  ) async throws -> DeviceRun.Outcome {
    let devices = max(1, min(devices, images.count))
    let (events, feed) = AsyncStream.makeStream(of: Event.self)
    let clock = ContinuousClock()
    let start = clock.now
    let (summary, serverFailed) = try await withThrowingTaskGroup(of: Void.self) { group in
      for device in 0..<devices {
        // Each has chances of its own in its radio.
        var settings = settings
        settings.seed &+= UInt64(device)
        group.addTask { [bundle, settings] in
          do {
            let outcome = try await DeviceRun(bundle: bundle, settings: settings).run(
              images.dealt(to: device, of: devices), server: server,
              warn: { feed.yield(.warning($0)) },
              each: {
                try Task.checkCancellation()
                feed.yield(.receipt($0, device: device))
              })
            feed.yield(.ended(serverFailed: outcome.serverFailed))
          } catch {
            feed.yield(.failed(error))
          }
        }
      }
      do {
        return try await Self.gather(events, from: devices, warn: warn, each: each)
      } catch {
        group.cancelAll()
        throw error
      }
    }
    return DeviceRun.Outcome(
      summary: summary, seconds: start.duration(to: clock.now) / .seconds(1),
      serverFailed: serverFailed)
  }

  private static func gather(
    _ events: AsyncStream<Event>, from devices: Int, warn: (String) -> Void,
    each: (Receipt) async throws -> Void
  ) async throws -> (ReceiptSummary, serverFailed: Bool) {
    var summary = ReceiptSummary()
    var serverFailed = false
    var warnings: Set<String> = []
    // Receipts that came before their turn, by device.
    var early = [[Receipt]](repeating: [], count: devices)
    var turn = 0
    var atWork = devices
    for await event in events {
      switch event {
      case .warning(let text):
        if warnings.insert(text).inserted { warn(text) }
      case .receipt(let receipt, let device):
        early[device].append(receipt)
        while !early[turn].isEmpty {
          let receipt = early[turn].removeFirst()
          turn = (turn + 1) % devices
          summary.add(receipt)
          try await each(receipt)
        }
      case .ended(let failed):
        serverFailed = serverFailed || failed
        atWork -= 1
        if atWork == 0 { return (summary, serverFailed) }
      case .failed(let error): throw error
      }
    }
    // Every device ends or fails, so that only a cancelled task comes here.
    try Task.checkCancellation()
    preconditionFailure("every device ends or fails")
  }
}
