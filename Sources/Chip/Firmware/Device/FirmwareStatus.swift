import FirmwareABI
import MCUKernels

/// Why the device program stopped: the codes of `firmware.h`, one for each cause.
struct FirmwareStatus: Error {
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
    case .malformedSymbols: self.init(FIRMWARE_PLAN_SYMBOLS)
    case .unusableArena: self.init(FIRMWARE_POOL_TOO_SMALL)
    case .noSuchOperator: self.init(FIRMWARE_NO_SUCH_OPERATOR)
    }
  }
}
