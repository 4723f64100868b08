public import Board
public import BundleFormat
public import DeviceCore
public import PlanCompiler

/// The device half of a bundle on its board: compiled, checked, and given the memory that it needs.
public struct PlacedDevice {
  /// The plan in the board's flash.
  public let image: PlanImage
  /// With the plan in its flash and the program's memory in its SRAM.
  public var board: Board
  /// The device program, which has not seen an image yet.
  public var core: DeviceCore

  /// - Parameters:
  ///   - camera: pixels that the camera delivers.
  ///   - board: with nothing placed in it but the program itself.
  ///   - settings: what the user decides about the device program.
  /// - Throws: `SRAMOverflow` or `FlashOverflow` where it does not fit, ``DeviceError`` where the
  ///   bundle lacks what its scheme stands on or cannot be compiled.
  public init(
    _ bundle: ModelBundle, camera: (width: Int, height: Int), on board: Board,
    settings: DeviceSettings = DeviceSettings()
  ) throws {
    try self.init(
      Self.compile(bundle, camera: camera), of: bundle.manifest, on: board, settings: settings)
  }

  /// - Parameters:
  ///   - plan: compiled for the manifest.
  ///   - board: with nothing placed in it but the program itself.
  /// - Throws: as above.
  public init(
    _ plan: CompiledPlan, of manifest: BundleManifest, on board: Board,
    settings: DeviceSettings = DeviceSettings()
  ) throws {
    try manifest.scheme.check(manifest)
    let image = try PlanImage(plan.image)
    var board = board
    let sizes: DeviceMemory.Sizes
    do throws(DeviceFault) {
      sizes = try DeviceMemory.Sizes(of: image.plan)
    } catch {
      throw DeviceError(error, of: manifest)
    }
    let buffers = try board.sram.allocate(all: [
      SRAMRequest(name: "camera image and activations", byteCount: sizes.arena),
      SRAMRequest(name: "coder", byteCount: sizes.workspace),
      SRAMRequest(name: "transmit buffer", byteCount: sizes.transmit),
      SRAMRequest(name: "receive buffer", byteCount: sizes.receive),
    ])
    try board.flash.place("plan", bytes: image.byteCount)
    do throws(DeviceFault) {
      core = try DeviceCore(
        plan: image.plan,
        memory: DeviceMemory(
          arena: buffers[0], workspace: buffers[1], transmit: buffers[2], receive: buffers[3]),
        settings: settings)
    } catch {
      throw DeviceError(error, of: manifest)
    }
    self.image = image
    self.board = board
  }

  /// The plan of all of a bundle's paths, for a camera.
  ///
  /// - Throws: ``DeviceError/unusableGraph(_:)`` with the compiler's line.
  public static func compile(
    _ bundle: ModelBundle, camera: (width: Int, height: Int)
  ) throws(DeviceError) -> CompiledPlan {
    do {
      return try PlanCompiler.compile(bundle: bundle, camera: camera)
    } catch {
      throw .unusableGraph("\(error)")
    }
  }
}

extension DeviceError {
  /// What the device program finds wrong with a bundle's plan.
  init(_ fault: DeviceFault, of manifest: BundleManifest) {
    switch fault {
    case .noPath:
      self = .noPath(paths: manifest.paths.map(\.name))
    case .coding(let error): self = .unusableCoder("\(error)")
    default: self = .unusableGraph("\(fault)")
    }
  }
}
