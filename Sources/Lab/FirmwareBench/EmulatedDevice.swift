import FeatureCoding
import MCUKernels
import OffloadWire
import PlanCompiler

/// The host's side of the comparison: the same modules, compiled for the host, on the same plan.
public final class EmulatedDevice {
  private let plan: Plan
  private let image: UnsafeMutableRawBufferPointer
  private let arena: UnsafeMutableRawBufferPointer

  /// - Throws: `PlanError` where the image is not a plan.
  public init(_ compiled: CompiledPlan) throws {
    image = .allocate(byteCount: compiled.image.count, alignment: 16)
    image.copyBytes(from: compiled.image)
    do {
      plan = try Plan(image: UnsafeRawBufferPointer(image))
    } catch {
      image.deallocate()
      throw error
    }
    arena = .allocate(byteCount: max(plan.arenaSize, 16), alignment: 16)
  }

  deinit {
    image.deallocate()
    arena.deallocate()
  }

  /// One inference and its frame.
  ///
  /// - Parameter input: the bytes of all inputs, in the plan's order.
  public func infer(
    _ input: [UInt8], identifier: UInt32, path: UInt8
  ) throws -> BenchResult.Inference {
    arena.initializeMemory(as: UInt8.self, repeating: 0)
    var position = 0
    for index in 0..<plan.inputCount {
      let tensor = plan.input(index)
      bytes(of: tensor).copyBytes(from: input[position..<(position + tensor.byteCount)])
      position += tensor.byteCount
    }
    try plan.run(arena: arena)
    let outputs = (0..<plan.outputCount).flatMap { Array(bytes(of: plan.output($0))) }
    guard let features = plan.outputIndex(role: .features).map(plan.output) else {
      return BenchResult.Inference(outputs: outputs, symbols: [], frame: [])
    }
    let quantiser = SymbolQuantiser(
      height: features.dimension(1), width: features.dimension(2),
      channels: features.dimension(3),
      tables: plan.symbolTable.map {
        UnsafeRawBufferPointer(start: $0.symbolOf(channel: 0), count: 256 * $0.channels)
      })
    var symbols = [UInt8](repeating: 0, count: quantiser.symbolCount)
    try symbols.withUnsafeMutableBytes { room in
      try quantiser.quantise(features: UnsafeRawBufferPointer(bytes(of: features)), into: room)
    }
    let payload =
      try plan.symbolTable.map { try LZW.encode(symbols, alphabetSize: $0.alphabetSize) }
      ?? symbols
    let frame = try payload.withUnsafeBytes { payload in
      try Infer(id: identifier, path: path, payload: payload).encoded()
    }
    return BenchResult.Inference(outputs: outputs, symbols: symbols, frame: frame)
  }

  private func bytes(of tensor: PlanTensor) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      rebasing: arena[tensor.offset..<(tensor.offset + tensor.byteCount)])
  }
}
