import DeviceCore
import FirmwareABI
import MCUKernels

/// The plan that the board started, in the pool that it gave.
struct StartedPlan {
  let plan: Plan
  let memory: DeviceMemory
  /// The device program; nil for a bare model, which has no paths.
  var core: DeviceCore?

  /// Checks all that can be checked before the pool is touched.
  init(
    image: UnsafeRawBufferPointer, pool memory: UnsafeMutableRawBufferPointer,
    settings: DeviceSettings
  ) throws(StatusCode) {
    guard var pool = MemoryPool(memory) else { throw StatusCode(FIRMWARE_POOL_MISALIGNED) }
    do throws(PlanError) {
      plan = try Plan(image: image)
    } catch {
      throw StatusCode(error)
    }
    let sizes: DeviceMemory.Sizes
    do throws(DeviceFault) {
      sizes = try DeviceMemory.Sizes(of: plan)
    } catch {
      throw StatusCode(starting: error)
    }
    if let path = settings.path, path >= plan.pathCount { throw StatusCode(FIRMWARE_SETTINGS) }
    guard let divided = DeviceMemory(sizes, from: &pool) else {
      throw StatusCode(FIRMWARE_POOL_TOO_SMALL)
    }
    self.memory = divided
    guard plan.pathCount > 0 else { return }
    do throws(DeviceFault) {
      core = try DeviceCore(plan: plan, memory: divided, settings: settings)
    } catch {
      throw StatusCode(starting: error)
    }
  }

  func run(operators: Range<Int>) throws(StatusCode) {
    do throws(PlanError) {
      try plan.run(operators: operators, arena: memory.arena)
    } catch {
      throw StatusCode(error)
    }
  }

  mutating func handle(
    _ event: DeviceEvent, at now: Microseconds
  ) throws(StatusCode) -> DeviceActions {
    guard core != nil else { throw StatusCode(FIRMWARE_NO_PATHS) }
    do throws(DeviceFault) {
      return try core!.handle(event, at: now)
    } catch {
      throw StatusCode(error)
    }
  }

  mutating func perform() throws(StatusCode) -> DeviceWorkDone {
    guard core != nil else { throw StatusCode(FIRMWARE_NO_PATHS) }
    guard let work = core!.underway else { throw StatusCode(FIRMWARE_OUT_OF_TURN) }
    do throws(DeviceFault) {
      return try core!.perform(work)
    } catch {
      throw StatusCode(error)
    }
  }

  /// Where an input or output lies.
  func buffer(of tensor: PlanTensor) -> firmware_buffer {
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
