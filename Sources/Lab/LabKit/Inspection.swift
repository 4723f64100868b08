public import Board
public import BundleFormat
import DeviceSchemes
public import Foundation
public import PlanCompiler
public import Report

/// A model laid open: operators, cycles by preset, memory.
public struct Inspection {
  /// The board that a model is held against.
  public struct Bench {
    public var board: BoardProfile
    public var presets: [KernelPreset]
    /// `nil`: the board's fastest.
    public var megahertz: Double?

    public init(board: BoardProfile, presets: [KernelPreset], megahertz: Double? = nil) {
      self.board = board
      self.presets = presets
      self.megahertz = megahertz
    }

    /// - Throws: `ConfigError`.
    public init(config: ConfigStore, board: String, megahertz: Double?) throws {
      self.init(
        board: try config.board(board), presets: try config.allKernels(), megahertz: megahertz)
    }

    /// A board with nothing placed in it but the program itself.
    func emptyBoard() throws -> Board {
      guard let preset = presets.first else { throw LabError.noPresets }
      return try Board(profile: board, preset: preset, megahertz: megahertz)
    }
  }

  public let title: String
  public let plan: CompiledPlan
  public let cost: ModelCost
  public let memory: MemoryUse

  /// A bundle's folder, or a `.tflite` file by itself.
  ///
  /// - Throws: what reading and compiling throw, `ClockOutOfRange`, ``LabError``. Not fitting is no
  ///   error here: ``MemoryUse/fits`` says it.
  public init(of url: URL, on bench: Bench) throws {
    switch try ModelSource(url) {
    case .bundle(let bundle): try self.init(bundle: bundle, on: bench)
    case .file(let file): try self.init(model: file, on: bench)
    }
  }

  /// The device half of a bundle, with all that the device program holds.
  public init(bundle: ModelBundle, on bench: Bench) throws {
    let board = try bench.emptyBoard()
    let input = bundle.manifest.input
    let camera = (width: input.width, height: input.height)
    let plan = try PlacedDevice.compile(bundle, camera: camera)
    try self.init(plan, of: bundle.manifest, on: bench, board: board)
  }

  /// A device half that is in no file, compiled for a manifest.
  public init(plan: CompiledPlan, manifest: BundleManifest, on bench: Bench) throws {
    try self.init(plan, of: manifest, on: bench, board: bench.emptyBoard())
  }

  private init(
    _ plan: CompiledPlan, of manifest: BundleManifest, on bench: Bench, board: Board
  ) throws {
    self.init(
      title: "\(manifest.scheme.rawValue) for \(manifest.dataset)", plan: plan,
      memory: try MemoryUse(of: plan, on: board) { board in
        _ = try PlacedDevice(plan, of: manifest, on: board)
      }, bench: bench, board: board)
  }

  /// A bare model, with the stack, static data and its activations.
  public init(model url: URL, on bench: Bench) throws {
    let board = try bench.emptyBoard()
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw LabError.noSuchFile(url.path)
    }
    let plan = try ModelSource.compile(url)
    self.init(
      title: url.lastPathComponent, plan: plan,
      memory: try MemoryUse(of: plan, on: board) { board in
        try board.sram.reserve("activations", bytes: plan.tensorPeak)
        let scratch = plan.arenaSize - plan.tensorPeak
        if scratch > 0 { try board.sram.reserve("columns of convolutions", bytes: scratch) }
      }, bench: bench, board: board)
  }

  private init(
    title: String, plan: CompiledPlan, memory: MemoryUse, bench: Bench, board: Board
  ) {
    self.title = title
    self.plan = plan
    self.memory = memory
    cost = ModelCost(of: plan, presets: bench.presets, megahertz: board.clock.megahertz)
  }

  /// One JSON object: costs, memory, the operators and the maps.
  public var json: JSONValue {
    .object(
      cost.members + memory.members + [
        .init("operators", .array(cost.operators.map(json(of:)))),
        memory.mapMember,
        .init("arenaMap", .array(plan.arenaTenants.map(json(of:)))),
      ])
  }

  private func json(of row: ModelCost.Operator) -> JSONValue {
    .object([
      .init("index", .integer(row.index)), .init("name", .string(row.name)),
      .init("macs", .integer(row.macs)),
      .init("cycles", cost.byPreset(row.cycles.map(JSONValue.integer))),
    ])
  }

  private func json(of tenant: ArenaTenant) -> JSONValue {
    .object([
      .init("name", .string(tenant.name)), .init("offset", .integer(tenant.offset)),
      .init("bytes", .integer(tenant.byteCount)),
      .init("firstOperator", .integer(tenant.firstOperator)),
      .init("lastOperator", .integer(tenant.lastOperator)),
    ])
  }
}
