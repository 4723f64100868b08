import DeviceCore
import FirmwareABI
import MCUKernels

/// The plan that the board started; one thread alone calls the functions below.
private nonisolated(unsafe) var started: StartedPlan?

@_cdecl("firmware_start")
func start(
  image: UnsafeRawPointer?, imageBytes: UInt32, pool: UnsafeMutableRawPointer?, poolBytes: UInt32,
  settings: UnsafePointer<firmware_settings>?
) -> UInt32 {
  started = nil
  return status { () throws(StatusCode) in
    guard let imageSize = Int(exactly: imageBytes), let poolSize = Int(exactly: poolBytes) else {
      throw StatusCode(FIRMWARE_PLAN_TRUNCATED)
    }
    started = try StartedPlan(
      image: UnsafeRawBufferPointer(start: image, count: imageSize),
      pool: UnsafeMutableRawBufferPointer(start: pool, count: poolSize),
      settings: try settings.map(DeviceSettings.init) ?? DeviceSettings())
  }
}

@_cdecl("firmware_memory")
func memory() -> firmware_layout { started?.layout ?? firmware_layout() }

@_cdecl("firmware_input")
func input(index: UInt32) -> firmware_buffer {
  guard let started, index < UInt32(started.plan.inputCount) else { return firmware_buffer() }
  return started.buffer(of: started.plan.input(Int(index)))
}

@_cdecl("firmware_output")
func output(index: UInt32) -> firmware_buffer {
  guard let started, index < UInt32(started.plan.outputCount) else { return firmware_buffer() }
  return started.buffer(of: started.plan.output(Int(index)))
}

@_cdecl("firmware_handle")
func handle(
  event: UInt32, bytes: UInt32, now: UInt64, actions: UnsafeMutablePointer<firmware_actions>
) -> UInt32 {
  status { () throws(StatusCode) in
    guard started != nil else { throw StatusCode(FIRMWARE_NOT_STARTED) }
    let happened = try DeviceEvent(event, bytes: bytes)
    let wanted = try started!.handle(happened, at: now)
    actions.pointee = firmware_actions(
      wanted, transmit: started!.memory.transmit,
      holdsReceived: started!.core?.holdsPrediction ?? false)
  }
}

@_cdecl("firmware_perform")
func perform(done: UnsafeMutablePointer<firmware_done>) -> UInt32 {
  status { () throws(StatusCode) in
    guard started != nil else { throw StatusCode(FIRMWARE_NOT_STARTED) }
    done.pointee = firmware_done(try started!.perform())
  }
}

@_cdecl("firmware_infer")
func infer() -> UInt32 {
  status { () throws(StatusCode) in
    guard let started else { throw StatusCode(FIRMWARE_NOT_STARTED) }
    try started.run(operators: 0..<started.plan.operatorCount)
  }
}

@_cdecl("firmware_infer_operator")
func infer(operator index: UInt32) -> UInt32 {
  status { () throws(StatusCode) in
    guard let started else { throw StatusCode(FIRMWARE_NOT_STARTED) }
    guard index < UInt32(started.plan.operatorCount) else {
      throw StatusCode(FIRMWARE_NO_SUCH_OPERATOR)
    }
    try started.run(operators: Int(index)..<(Int(index) + 1))
  }
}

private func status(_ work: () throws(StatusCode) -> Void) -> UInt32 {
  do throws(StatusCode) {
    try work()
  } catch {
    return error.code
  }
  return UInt32(FIRMWARE_OK.rawValue)
}
