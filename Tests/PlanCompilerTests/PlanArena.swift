import MCUKernels
import PlanCompiler

/// A compiled plan and an arena of exactly its size.
final class PlanArena {
  let plan: Plan
  private let image: UnsafeMutableRawBufferPointer
  private let arena: UnsafeMutableRawBufferPointer

  init(_ compiled: CompiledPlan) throws {
    image = .allocate(byteCount: compiled.image.count, alignment: 16)
    image.copyBytes(from: compiled.image)
    plan = try Plan(image: UnsafeRawBufferPointer(image))
    arena = .allocate(byteCount: max(plan.arenaSize, 1), alignment: 16)
  }

  deinit {
    image.deallocate()
    arena.deallocate()
  }

  /// Fills the arena with `filler` and the inputs with `input`'s bytes, repeated.
  func start(_ input: [UInt8], filler: UInt8 = 0xA5) {
    arena.initializeMemory(as: UInt8.self, repeating: filler)
    for index in 0..<plan.inputCount {
      let tensor = plan.input(index)
      for byte in 0..<tensor.byteCount { arena[tensor.offset + byte] = input[byte % input.count] }
    }
  }

  /// Runs a mask's blocks in increasing order, but those that `done` has.
  func run(_ blocks: UInt32, after done: UInt32 = 0) throws {
    for block in 0..<plan.blockCount where (blocks & ~done) & 1 << UInt32(block) != 0 {
      try plan.run(operators: plan.block(block), arena: arena)
    }
  }

  func bytes(_ tensor: PlanTensor) -> [UInt8] {
    [UInt8](arena[tensor.offset..<(tensor.offset + tensor.byteCount)])
  }
}
