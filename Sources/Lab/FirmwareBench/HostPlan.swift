public import MCUKernels

/// A plan in the host's memory, as the chip has it in flash, and an arena for it.
public final class HostPlan {
  public let plan: Plan
  private let image: UnsafeMutableRawBufferPointer
  private let arena: UnsafeMutableRawBufferPointer

  /// - Throws: `PlanError` where the image is not a plan.
  public init(_ bytes: [UInt8]) throws(PlanError) {
    image = .allocate(byteCount: max(bytes.count, 1), alignment: 16)
    image.copyBytes(from: bytes)
    do {
      plan = try Plan(image: UnsafeRawBufferPointer(rebasing: image[..<bytes.count]))
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

  /// Runs the whole plan.
  ///
  /// - Parameter input: the bytes of all inputs, in the plan's order.
  /// - Returns: the bytes of all outputs, in the plan's order.
  public func infer(_ input: [UInt8]) throws(PlanError) -> [UInt8] {
    arena.initializeMemory(as: UInt8.self, repeating: 0)
    var position = 0
    for index in 0..<plan.inputCount {
      let tensor = plan.input(index)
      bytes(of: tensor).copyBytes(from: input[position..<(position + tensor.byteCount)])
      position += tensor.byteCount
    }
    try plan.run(arena: arena)
    return (0..<plan.outputCount).flatMap { Array(bytes(of: plan.output($0))) }
  }

  /// The bytes of a tensor after ``infer(_:)``; they are there during the call.
  public func withBytes<Result>(
    of tensor: PlanTensor, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try body(UnsafeRawBufferPointer(bytes(of: tensor)))
  }

  private func bytes(of tensor: PlanTensor) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      rebasing: arena[tensor.offset..<(tensor.offset + tensor.byteCount)])
  }
}
