import FirmwareABI
import MCUKernels

/// The program that the board started; one thread alone calls the functions below.
public nonisolated(unsafe) var program: DeviceProgram?

@_cdecl("firmware_start")
func start(
  image: UnsafeRawPointer?, imageBytes: UInt32, pool: UnsafeMutableRawPointer?, poolBytes: UInt32
) -> UInt32 {
  program = nil
  do throws(FirmwareStatus) {
    program = try DeviceProgram(
      image: UnsafeRawBufferPointer(start: image, count: Int(imageBytes)),
      memory: UnsafeMutableRawBufferPointer(start: pool, count: Int(poolBytes)))
  } catch {
    return error.code
  }
  return UInt32(FIRMWARE_OK.rawValue)
}

@_cdecl("firmware_infer")
func infer() -> UInt32 {
  status { (program) throws(FirmwareStatus) in try program.run() }
}

@_cdecl("firmware_infer_operator")
func infer(operator index: UInt32) -> UInt32 {
  status { (program) throws(FirmwareStatus) in try program.run(operator: Int(index)) }
}

@_cdecl("firmware_request")
func request(id: UInt32, path: UInt32, frameBytes: UnsafeMutablePointer<UInt32>) -> UInt32 {
  status { (program) throws(FirmwareStatus) in
    guard program.sender != nil else { throw FirmwareStatus(FIRMWARE_NO_FEATURES) }
    frameBytes.pointee = UInt32(
      try program.sender!.buildFrame(id: id, path: UInt8(truncatingIfNeeded: path)))
  }
}

@_cdecl("firmware_take_answer")
func takeAnswer(
  id: UInt32, frameBytes: UInt32, answer: UnsafeMutablePointer<firmware_answer>
) -> UInt32 {
  status { (program) throws(FirmwareStatus) in
    answer.pointee = try program.answer(to: id, frameBytes: Int(frameBytes))
  }
}

@_cdecl("firmware_memory")
func memory() -> firmware_layout {
  var layout = firmware_layout()
  guard let program else { return layout }
  layout.arena = firmware_buffer(program.arena)
  layout.receive = firmware_buffer(program.receive)
  if let sender = program.sender {
    layout.dictionary = firmware_buffer(sender.dictionary)
    layout.transmit = firmware_buffer(sender.transmit)
  }
  layout.operators = UInt32(program.plan.operatorCount)
  layout.inputs = UInt32(program.plan.inputCount)
  layout.outputs = UInt32(program.plan.outputCount)
  return layout
}

@_cdecl("firmware_input")
func input(index: UInt32) -> firmware_buffer {
  guard let program, Int(index) < program.plan.inputCount else { return firmware_buffer() }
  return firmware_buffer(program.bytes(of: program.plan.input(Int(index))))
}

@_cdecl("firmware_output")
func output(index: UInt32) -> firmware_buffer {
  guard let program, Int(index) < program.plan.outputCount else { return firmware_buffer() }
  return firmware_buffer(program.bytes(of: program.plan.output(Int(index))))
}

private func status(
  _ work: (inout DeviceProgram) throws(FirmwareStatus) -> Void
) -> UInt32 {
  guard program != nil else { return UInt32(FIRMWARE_NOT_STARTED.rawValue) }
  do throws(FirmwareStatus) {
    try work(&program!)
  } catch {
    return error.code
  }
  return UInt32(FIRMWARE_OK.rawValue)
}

extension firmware_buffer {
  fileprivate init(_ buffer: UnsafeMutableRawBufferPointer) {
    self.init(
      start: buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes: UInt32(buffer.count))
  }
}
