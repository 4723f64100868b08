import Board
import BundleFormat
public import LabKit
import PlanCompiler

/// What an architecture takes of a board: asked of the emulator, as for any bundle.
public struct ArchitectureCost: Equatable, Codable, Sendable {
  /// Time of one inference.
  public let milliseconds: Double
  /// Bytes of SRAM at the peak, the program's own included.
  public let sram: Int
  /// Bytes of flash, the program's own included.
  public let flash: Int
  public let macs: Int

  public init(milliseconds: Double, sram: Int, flash: Int, macs: Int) {
    self.milliseconds = milliseconds
    self.sram = sram
    self.flash = flash
    self.macs = macs
  }

  /// - Parameters:
  ///   - classes: of the answer.
  ///   - camera: pixels of the square image that the device has.
  ///   - bench: the board, and the one preset whose cycles count.
  /// - Throws: what compiling throws.
  public init(
    of architecture: Architecture, classes: Int, camera: Int, on bench: Inspection.Bench
  ) throws {
    let manifest = BundleManifest(
      scheme: .mcunet, dataset: "custom",
      input: BundleManifest.Input(
        width: architecture.side, height: architecture.side, resize: .bilinear),
      graphs: ["device": BundleManifest.File(file: "device.tflite")],
      paths: [
        BundleManifest.Path(
          device: "device", remote: nil,
          exits: [BundleManifest.Exit(place: .device, tensor: ArchitectureModel.logits)])
      ], labels: (0..<classes).map { "\($0)" })
    let plan = try PlanCompiler.compile(
      ArchitectureModel.graph(of: architecture, classes: classes), manifest: manifest,
      digest: [UInt8](repeating: 0, count: 32), camera: (camera, camera))
    let inspection = try Inspection(plan: plan, manifest: manifest, on: bench)
    milliseconds = inspection.cost.milliseconds[0]
    sram = inspection.memory.sramPeak
    flash = inspection.memory.flash
    macs = inspection.cost.macs
  }
}
