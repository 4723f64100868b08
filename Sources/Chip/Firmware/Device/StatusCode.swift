import DeviceCore
import FirmwareABI
import MCUKernels

/// Why a call of the firmware's came to nothing: the codes of `firmware.h`, one for each cause.
struct StatusCode: Error {
  let code: UInt32

  init(_ status: firmware_status) {
    code = UInt32(status.rawValue)
  }

  init(_ error: PlanError) {
    switch error {
    case .truncated: self.init(FIRMWARE_PLAN_TRUNCATED)
    case .misaligned: self.init(FIRMWARE_PLAN_MISALIGNED)
    case .notAPlan: self.init(FIRMWARE_NOT_A_PLAN)
    case .unsupportedVersion: self.init(FIRMWARE_PLAN_VERSION)
    case .wrongChecksum: self.init(FIRMWARE_PLAN_CHECKSUM)
    case .malformedHeader: self.init(FIRMWARE_PLAN_HEADER)
    case .malformedTensor: self.init(FIRMWARE_PLAN_TENSOR)
    case .malformedOperator: self.init(FIRMWARE_PLAN_OPERATOR)
    case .malformedBlocks: self.init(FIRMWARE_PLAN_BLOCKS)
    case .malformedSend: self.init(FIRMWARE_PLAN_SEND)
    case .malformedExit: self.init(FIRMWARE_PLAN_EXIT)
    case .malformedPath: self.init(FIRMWARE_PLAN_PATH)
    case .unusableArena: self.init(FIRMWARE_POOL_TOO_SMALL)
    case .noSuchOperator: self.init(FIRMWARE_NO_SUCH_OPERATOR)
    }
  }

  /// What goes wrong while a plan is started.
  init(starting fault: DeviceFault) {
    switch fault {
    case .noPath: self.init(FIRMWARE_SETTINGS)
    case .coding: self.init(FIRMWARE_CODER_TABLES)
    default: self.init(fault)
    }
  }

  init(_ fault: DeviceFault) {
    switch fault {
    case .plan(let error): self.init(error)
    case .misalignedMemory: self.init(FIRMWARE_POOL_MISALIGNED)
    case .outOfMemory: self.init(FIRMWARE_POOL_TOO_SMALL)
    case .unusablePlan: self.init(FIRMWARE_PLAN_USE)
    case .noPath: self.init(FIRMWARE_NO_PATH)
    case .coding: self.init(FIRMWARE_CODING)
    case .wire: self.init(FIRMWARE_FRAME)
    case .outOfTurn: self.init(FIRMWARE_OUT_OF_TURN)
    }
  }
}
