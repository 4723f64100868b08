import DeviceCore
import FeatureCoding
import FirmwareABI
import MCUKernels

extension DeviceSettings {
  /// - Throws: `FIRMWARE_SETTINGS` for numbers that mean nothing.
  init(_ settings: UnsafePointer<firmware_settings>) throws(StatusCode) {
    let values = settings.pointee
    self.init()
    guard let policy = UInt8(exactly: values.policy).flatMap(Policy.init(rawValue:)),
      values.overlaps <= 1,
      let target = UInt8(exactly: values.target).flatMap(Target.init(rawValue:))
    else { throw StatusCode(FIRMWARE_SETTINGS) }
    self.policy = policy
    overlaps = values.overlaps == 1
    self.target = target
    power = Power(
      device: Int(clamping: values.device_milliwatts),
      sending: Int(clamping: values.sending_milliwatts))
    if values.deadline != UInt64.max { deadline = values.deadline }
    if values.budget != UInt32.max { budget = Int(clamping: values.budget) }
    if values.path != UInt32.max { path = Int(clamping: values.path) }
    bytesPerSecond = Int(clamping: values.bytes_per_second)
  }
}

extension DeviceEvent {
  /// - Throws: `FIRMWARE_NO_SUCH_EVENT`.
  init(_ event: UInt32, bytes: UInt32) throws(StatusCode) {
    switch event {
    case UInt32(FIRMWARE_IMAGE.rawValue): self = .image
    case UInt32(FIRMWARE_WORK_DONE.rawValue): self = .workDone
    case UInt32(FIRMWARE_SENT.rawValue): self = .sent
    case UInt32(FIRMWARE_RECEIVED.rawValue): self = .received(bytes: Int(clamping: bytes))
    case UInt32(FIRMWARE_TIMER.rawValue): self = .timer
    case UInt32(FIRMWARE_LINK_UP.rawValue): self = .linkUp
    case UInt32(FIRMWARE_LINK_LOST.rawValue): self = .linkLost
    default: throw StatusCode(FIRMWARE_NO_SUCH_EVENT)
    }
  }
}

extension firmware_actions {
  init(
    _ actions: DeviceActions, transmit: UnsafeMutableRawBufferPointer, holdsReceived: Bool
  ) {
    self.init()
    if let timer = actions.timer {
      has_timer = 1
      self.timer = timer
    }
    switch actions.work {
    case nil: work = UInt32(FIRMWARE_NO_WORK.rawValue)
    case .run(let operators):
      work = UInt32(FIRMWARE_RUN.rawValue)
      first = UInt32(operators.lowerBound)
      last = UInt32(operators.upperBound)
    case .code: work = UInt32(FIRMWARE_CODE.rawValue)
    case .ask(let exit):
      work = UInt32(FIRMWARE_ASK.rawValue)
      first = UInt32(exit)
    }
    if let range = actions.send {
      send = firmware_buffer(UnsafeMutableRawBufferPointer(rebasing: transmit[range]))
    }
    link_fault = UInt32(actions.linkFault?.rawValue ?? 0)
    if let refusal = actions.refusal {
      self.refusal = UInt32(refusal.code)
      retry_after = refusal.retryAfterMilliseconds
    }
    holds_received = holdsReceived ? 1 : 0
    if let answer = actions.answer {
      has_answer = 1
      self.answer = firmware_answer(answer)
    }
  }
}

extension firmware_answer {
  init(_ answer: DeviceAnswer) {
    self.init(
      source: UInt32(answer.source.rawValue), combined: answer.combined, local: answer.local,
      remote: answer.remote, symbols_sent: UInt32(answer.symbolsSent),
      symbols_used: UInt32(answer.symbolsUsed), symbols_all: UInt32(answer.symbolsAll),
      frame_bytes: UInt32(answer.frameBytes), logits: UInt32(answer.logits))
  }
}

extension firmware_done {
  init(_ done: DeviceWorkDone) {
    self.init(
      coder: UInt32(done.coder.rawValue), symbols: UInt32(done.symbols),
      references: UInt32(done.references), blocks: UInt32(done.blocks),
      pixels: UInt32(done.pixels), payload_bytes: UInt32(done.payloadBytes),
      frame_bytes: UInt32(done.frameBytes),
      logits: UInt32(done.logits))
  }
}

extension firmware_buffer {
  init(_ buffer: UnsafeMutableRawBufferPointer) {
    self.init(
      start: buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes: UInt32(buffer.count))
  }
}
