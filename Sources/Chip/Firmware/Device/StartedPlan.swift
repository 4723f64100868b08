import DeviceCore
import FirmwareABI
import MCUKernels

/// The plan that the board started, in the pool that it gave.
struct StartedPlan {
  let plan: Plan
  let memory: DeviceMemory

  /// Checks all that can be checked before the pool is touched.
  init(
    image: UnsafeRawBufferPointer, pool memory: UnsafeMutableRawBufferPointer,
    settings: DeviceSettings
  ) throws(StatusCode) {
    guard var pool = MemoryPool(memory) else { throw StatusCode(FIRMWARE_POOL_MISALIGNED) }
    plan = try Self.plan(image)
    // Nobody on a board makes a picture's file.
    for number in 0..<plan.pathCount where plan.path(number).send?.coder == .file {
      throw StatusCode(FIRMWARE_PLAN_USE)
    }
    let sizes = try Self.sizes(of: plan)
    if let path = settings.path, path >= plan.pathCount { throw StatusCode(FIRMWARE_SETTINGS) }
    guard let divided = DeviceMemory(sizes, from: &pool) else {
      throw StatusCode(FIRMWARE_POOL_TOO_SMALL)
    }
    self.memory = divided
  }

  private static func plan(_ image: UnsafeRawBufferPointer) throws(StatusCode) -> Plan {
    do throws(PlanError) {
      return try Plan(image: image)
    } catch {
      throw StatusCode(error)
    }
  }

  private static func sizes(of plan: Plan) throws(StatusCode) -> DeviceMemory.Sizes {
    do throws(DeviceFault) {
      return try DeviceMemory.Sizes(of: plan)
    } catch {
      throw StatusCode(starting: error)
    }
  }

  /// The device program; nil for a bare model, which has no paths.
  func program(_ settings: DeviceSettings) throws(StatusCode) -> DeviceCore? {
    guard plan.pathCount > 0 else { return nil }
    do throws(DeviceFault) {
      return try DeviceCore(plan: plan, memory: memory, settings: settings)
    } catch {
      throw StatusCode(starting: error)
    }
  }

  /// Runs all operators.
  func run() throws(StatusCode) { try run(operators: 0..<plan.operatorCount) }

  func run(operator index: UInt32) throws(StatusCode) {
    guard index < UInt32(plan.operatorCount) else { throw StatusCode(FIRMWARE_NO_SUCH_OPERATOR) }
    try run(operators: Int(index)..<(Int(index) + 1))
  }

  private func run(operators: Range<Int>) throws(StatusCode) {
    do throws(PlanError) {
      try plan.run(operators: operators, arena: memory.arena)
    } catch {
      throw StatusCode(error)
    }
  }

  /// Where an input lies; nowhere if there are not so many.
  func input(_ index: UInt32) -> firmware_buffer {
    index < UInt32(plan.inputCount) ? buffer(of: plan.input(Int(index))) : firmware_buffer()
  }

  /// Where an output lies; nowhere if there are not so many.
  func output(_ index: UInt32) -> firmware_buffer {
    index < UInt32(plan.outputCount) ? buffer(of: plan.output(Int(index))) : firmware_buffer()
  }

  private func buffer(of tensor: PlanTensor) -> firmware_buffer {
    firmware_buffer(
      UnsafeMutableRawBufferPointer(
        rebasing: memory.arena[tensor.offset..<(tensor.offset + tensor.byteCount)]))
  }

  var layout: firmware_layout {
    firmware_layout(
      arena: firmware_buffer(memory.arena), workspace: firmware_buffer(memory.workspace),
      transmit: firmware_buffer(memory.transmit), receive: firmware_buffer(memory.receive),
      operators: UInt32(plan.operatorCount), inputs: UInt32(plan.inputCount),
      outputs: UInt32(plan.outputCount), paths: UInt32(plan.pathCount))
  }
}
