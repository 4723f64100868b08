public import BundleFormat
import Logging
public import RemoteEngine
import ServerKit

/// A bundle read as device and server would read it.
public struct BundleCheck {
  private let bundle: ModelBundle
  private let memory: MemoryUse
  private let served: [String]

  /// Compiles the device half for the board and loads the server half.
  ///
  /// - Throws: what either half finds wrong.
  public init(_ bundle: ModelBundle, engine: any RemoteEngine, on bench: Inspection.Bench) throws {
    self.bundle = bundle
    memory = try Inspection(bundle: bundle, on: bench).memory
    served = try OffloadServer(
      bundles: [bundle], engine: engine,
      logger: Logger(label: "agilenn-lab", factory: { _ in SwiftLogNoOpLogHandler() })
    ).bundleNames
  }

  /// Whether the device half fits the board.
  public var fits: Bool { memory.fits }

  /// What was found, for people; with the SRAM map where it does not fit.
  public var text: String {
    let manifest = bundle.manifest
    let sizes =
      "SRAM \(memory.sramPeak) of \(memory.sramCapacity) bytes, "
      + "flash \(memory.flash) of \(memory.flashCapacity) bytes"
    let head =
      "\(manifest.scheme.rawValue) for \(manifest.dataset), \(manifest.labels.count) classes: "
    return fits ? head + "sound; \(sizes)\n" : head + "does not fit; \(sizes)\n\(memory.map)\n"
  }
}
