import Board
import BundleFormat
import Datasets
import FeatureCoding
import Link
import MCUKernels
import PlanCompiler

/// AgileNN's device half: extractor and local network, then the less important features to the
/// server, then both answers combined (Huang and Gao, MobiCom 2022).
public final class AgileNNDevice: DeviceScheme {
  let image: PlanImage
  let timeline: Timeline
  let serverTime: ServerTime
  var board: Board
  let memory: AgileNNMemory
  let quantiser: SymbolQuantiser
  var encoder: LZWEncoder?
  /// The path's number in the manifest, which the request names.
  let path: UInt8
  let classes: Int
  private let camera: PlanTensor
  private let features: PlanTensor
  let localLogits: PlanTensor?
  private let localCycles: Int
  private var nextRequest: UInt32 = 0

  public var answersAlone: Bool { localLogits != nil }

  public var longestAnswer: Int { memory.receive.count }

  public var longestRequest: Int { memory.transmit.count }

  public static let name = "agilenn"

  /// The first path of the manifest that has both halves is the one that is taken.
  public init(bundle: ModelBundle, in setting: DeviceSetting) throws {
    let index = bundle.manifest.paths.firstIndex { $0.device != nil && $0.remote != nil }
    guard let index, let path = UInt8(exactly: index),
      let compiled = try DeviceGraph.compile(bundle, path: index, camera: setting.camera)
    else {
      throw DeviceError.incompletePath(
        scheme: Self.name, missing: "a device graph and a remote one")
    }
    let image = try PlanImage(compiled.image)
    let plan = image.plan
    guard let camera = plan.inputIndex(role: .camera).map(plan.input), camera.rank == 3 else {
      throw DeviceError.unusableGraph("it takes no camera image")
    }
    guard let features = plan.outputIndex(role: .features).map(plan.output), features.rank == 4,
      features.dimension(0) == 1, features.elementType == .int8
    else {
      throw DeviceError.unusableGraph("its features are not int8 [1,height,width,channels]")
    }
    localLogits = plan.outputIndex(role: .localLogits).map(plan.output)
    classes = bundle.manifest.labels.count
    if let localLogits, localLogits.elementType != .int8 || localLogits.byteCount != classes {
      throw DeviceError.unusableGraph(
        "\(localLogits.byteCount) bytes of local logits for \(classes) labels")
    }

    let table = plan.symbolTable
    if let table, table.channels != 1, table.channels != features.dimension(3) {
      throw DeviceError.unusableGraph(
        "\(features.dimension(3)) feature channels, but \(table.channels) symbol tables")
    }
    quantiser = SymbolQuantiser(
      height: features.dimension(1), width: features.dimension(2),
      channels: features.dimension(3), tables: table?.bytes)
    self.image = image
    self.camera = camera
    self.features = features
    timeline = setting.timeline
    serverTime = setting.serverTime
    self.path = path

    var board = setting.board
    let memory = try AgileNNMemory(
      in: board.sram, arenaSize: plan.arenaSize, symbols: quantiser.symbolCount,
      alphabetSize: table?.alphabetSize, classes: classes)
    self.memory = memory
    try board.flash.place("plan", bytes: image.byteCount)
    encoder = table.map {
      LZWEncoder(alphabetSize: $0.alphabetSize, workspace: memory.dictionary)
    }
    localCycles = board.preset.cycles(for: image.geometries)
    self.board = board
  }

  public func infer(
    _ picture: LabelledImage, over link: (any OffloadLink)?
  ) async throws -> Inference {
    try take(picture)
    guard link != nil || answersAlone else { throw DeviceError.noLocalAnswer }
    board.energy.reset()
    var stages = Receipt.Stages()
    try image.plan.run(arena: memory.arena)
    stages.local = await spend(cycles: localCycles)

    var failure: OffloadFailure?
    if let link {
      do {
        return Inference(
          receipt: try await offload(picture, over: link, stages: &stages))
      } catch let error as OffloadFailure {
        guard answersAlone else { throw error }
        failure = error
      }
    }
    let local = localLogits.flatMap { logits(of: $0).argmax() }
    return Inference(
      receipt: receipt(
        for: picture, prediction: .init(local: local), complete: false, source: .local,
        stages: stages, bytes: .init()),
      offloadFailure: failure)
  }

  /// The camera's work: its image lies in SRAM.
  private func take(_ picture: LabelledImage) throws {
    let height = camera.dimension(0)
    let width = camera.dimension(1)
    guard picture.width == width, picture.height == height,
      picture.pixels.count == camera.byteCount
    else {
      throw DeviceError.wrongImageSize(
        name: picture.name, width: picture.width, height: picture.height,
        expected: "\(width)x\(height)")
    }
    bytes(of: camera).copyBytes(from: picture.pixels)
  }

  /// The features of the image that ran last, int8 [height,width,channels].
  var featureBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(bytes(of: features)) }

  func logits(of tensor: PlanTensor) -> Combination.Logits {
    Combination.Logits(
      UnsafeBufferPointer(bytes(of: tensor).bindMemory(to: Int8.self)),
      scale: tensor.scale, zeroPoint: tensor.zeroPoint)
  }

  private func bytes(of tensor: PlanTensor) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      rebasing: memory.arena[tensor.offset..<(tensor.offset + tensor.byteCount)])
  }

  /// Codes the features into a buffer that holds the worst case, and returns the bytes written.
  func code(into room: UnsafeMutableRawBufferPointer) throws(CodingError) -> Int {
    guard var encoder else {
      try quantiser.quantise(features: featureBytes, into: room)
      return quantiser.symbolCount
    }
    defer { self.encoder = encoder }
    return try quantiser.encode(features: featureBytes, with: &encoder, into: room)
  }

  /// Numbers requests, so that an answer that is late cannot be taken for the next one's.
  func nextIdentifier() -> UInt32 {
    defer { nextRequest &+= 1 }
    return nextRequest
  }

  /// Charges cycles and their energy, and lets emulated time pass.
  ///
  /// - Returns: whole microseconds, for the receipt.
  func spend(cycles: Int) async -> Int {
    let microseconds = board.compute(cycles: cycles)
    await timeline.advance(microseconds: microseconds)
    return Int(microseconds.rounded())
  }

  func receipt(
    for picture: LabelledImage, prediction: Receipt.Prediction, complete: Bool,
    source: Receipt.Source, stages: Receipt.Stages, bytes: Receipt.Bytes
  ) -> Receipt {
    var energy = Receipt.Energy()
    energy.compute = Int(board.energy.computeMicrojoules.rounded())
    energy.radio = Int(board.energy.radioMicrojoules.rounded())
    return Receipt(
      index: picture.index, label: picture.label, prediction: prediction, complete: complete,
      source: source, stages: stages, bytes: bytes, energy: energy,
      sramPeak: board.sram.peak, flash: board.flash.used)
  }
}

extension PlanSymbolTable {
  /// All tables, one after another, as they lie in the plan.
  fileprivate var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: symbolOf(channel: 0), count: 256 * channels)
  }
}
