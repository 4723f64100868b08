import DeviceCore
import FirmwareABI
import MCUKernels

/// The plan that the board started; one thread alone calls the functions below.
private nonisolated(unsafe) var started: StartedPlan?
/// The device program, if the plan has paths. It is used where it lies: reading the variable as a whole
/// would copy some hundred bytes.
private nonisolated(unsafe) var program: DeviceCore?
/// Comparing the program with nil would copy it, too.
private nonisolated(unsafe) var hasProgram = false

@_cdecl("firmware_start")
func start(
  image: UnsafeRawPointer?, imageBytes: UInt32, pool: UnsafeMutableRawPointer?, poolBytes: UInt32,
  settings: UnsafePointer<firmware_settings>?
) -> UInt32 {
  started = nil
  program = nil
  hasProgram = false
  return status { () throws(StatusCode) in
    guard let imageSize = Int(exactly: imageBytes), let poolSize = Int(exactly: poolBytes) else {
      throw StatusCode(FIRMWARE_PLAN_TRUNCATED)
    }
    let settings = try settings.map(DeviceSettings.init) ?? DeviceSettings()
    let plan = try StartedPlan(
      image: UnsafeRawBufferPointer(start: image, count: imageSize),
      pool: UnsafeMutableRawBufferPointer(start: pool, count: poolSize), settings: settings)
    let made = try plan.program(settings)
    hasProgram = made != nil
    program = made
    started = plan
  }
}

@_cdecl("firmware_memory")
func memory() -> firmware_layout { started?.layout ?? firmware_layout() }

@_cdecl("firmware_input")
func input(index: UInt32) -> firmware_buffer {
  started?.input(index) ?? firmware_buffer()
}

@_cdecl("firmware_output")
func output(index: UInt32) -> firmware_buffer {
  started?.output(index) ?? firmware_buffer()
}

@_cdecl("firmware_handle")
func handle(
  event: UInt32, bytes: UInt32, now: UInt64, actions: UnsafeMutablePointer<firmware_actions>
) -> UInt32 {
  status { () throws(StatusCode) in
    try checkProgram()
    let happened = try DeviceEvent(event, bytes: bytes)
    actions.pointee = try program!.actions(after: happened, at: now)
  }
}

@_cdecl("firmware_perform")
func perform(done: UnsafeMutablePointer<firmware_done>) -> UInt32 {
  status { () throws(StatusCode) in
    try checkProgram()
    done.pointee = try program!.perform()
  }
}

@_cdecl("firmware_infer")
func infer() -> UInt32 {
  status { () throws(StatusCode) in
    guard let started else { throw StatusCode(FIRMWARE_NOT_STARTED) }
    try started.run()
  }
}

@_cdecl("firmware_infer_operator")
func infer(operator index: UInt32) -> UInt32 {
  status { () throws(StatusCode) in
    guard let started else { throw StatusCode(FIRMWARE_NOT_STARTED) }
    try started.run(operator: index)
  }
}

private func checkProgram() throws(StatusCode) {
  guard started != nil else { throw StatusCode(FIRMWARE_NOT_STARTED) }
  guard hasProgram else { throw StatusCode(FIRMWARE_NO_PATHS) }
}

private func status(_ work: () throws(StatusCode) -> Void) -> UInt32 {
  do throws(StatusCode) {
    try work()
  } catch {
    return error.code
  }
  return UInt32(FIRMWARE_OK.rawValue)
}
