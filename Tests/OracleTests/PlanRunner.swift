import MCUKernels
import PlanCompiler

/// Runs a compiled plan in an arena of exactly the plan's size, with a fence behind it.
final class PlanRunner {
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  private static let fenceBytes = 64
  private static let fence: UInt8 = 0xC5

  private let compiled: CompiledPlan
  private let memory: UnsafeMutableRawBufferPointer
  private let image: UnsafeMutableRawBufferPointer

  init(_ compiled: CompiledPlan) {
    self.compiled = compiled
    memory = .allocate(byteCount: compiled.arenaSize + Self.fenceBytes, alignment: 16)
    image = .allocate(byteCount: compiled.image.count, alignment: 16)
    image.copyBytes(from: compiled.image)
  }

  deinit {
    memory.deallocate()
    image.deallocate()
  }

  /// One inference, all operators at once or one after another.
  ///
  /// - Parameter filler: what the arena holds before, so that nothing is read that nobody wrote.
  func run(_ inputs: [ArraySlice<UInt8>], filler: UInt8, stepwise: Bool) throws -> [[UInt8]] {
    let plan = try Plan(image: UnsafeRawBufferPointer(image))
    guard plan.arenaSize == compiled.arenaSize, inputs.count == plan.inputCount,
      compiled.inputs.count == plan.inputCount, compiled.outputs.count == plan.outputCount
    else { throw Fault(description: "the plan's image and its summary differ") }
    memory.initializeMemory(as: UInt8.self, repeating: filler)
    let fence = UnsafeMutableRawBufferPointer(rebasing: memory[compiled.arenaSize...])
    fence.initializeMemory(as: UInt8.self, repeating: Self.fence)
    let arena = UnsafeMutableRawBufferPointer(rebasing: memory[..<compiled.arenaSize])
    for (index, input) in inputs.enumerated() {
      let tensor = plan.input(index)
      guard tensor.byteCount == input.count, tensor.offset == compiled.inputs[index].offset else {
        throw Fault(description: "input \(index) has \(tensor.byteCount) bytes, not \(input.count)")
      }
      UnsafeMutableRawBufferPointer(rebasing: arena[tensor.offset...]).copyBytes(from: input)
    }
    if stepwise {
      for index in 0..<plan.operatorCount {
        try plan.run(operators: index..<(index + 1), arena: arena)
      }
    } else {
      try plan.run(arena: arena)
    }
    guard fence.allSatisfy({ $0 == Self.fence }) else {
      throw Fault(description: "something was written behind the arena")
    }
    return (0..<plan.outputCount).map { index in
      let tensor = plan.output(index)
      return [UInt8](arena[tensor.offset..<(tensor.offset + tensor.byteCount)])
    }
  }
}
