public import DeviceCore
public import MCUKernels

/// What a call of the firmware comes to: the codes of the firmware's `firmware.h`, and of the
/// bench around it (`docs/firmware.md`).
public enum FirmwareStatus: UInt32, Sendable, CaseIterable {
  case ok = 0
  case planTruncated = 10
  case planMisaligned = 11
  case notAPlan = 12
  case planVersion = 13
  case planChecksum = 14
  case planHeader = 15
  case planTensor = 16
  case planOperator = 17
  case planBlocks = 18
  case planSend = 19
  case planExit = 20
  case planPath = 21
  case planUse = 22
  case coderTables = 23
  case settings = 24
  case poolMisaligned = 25
  case poolTooSmall = 26
  case planLargerThanFlash = 27
  case notStarted = 28
  case noPaths = 29
  case noSuchOperator = 30
  case noSuchEvent = 31
  case outOfTurn = 32
  case noPath = 33
  case coding = 34
  case frame = 35
  case fault = 40
  case benchFiles = 60
  case benchJobs = 61
  case benchFault = 62

  /// The code with which an event ends that the device program cannot take.
  public init(_ fault: DeviceFault) {
    switch fault {
    case .plan(let error): self.init(error)
    case .misalignedMemory: self = .poolMisaligned
    case .outOfMemory: self = .poolTooSmall
    case .unusablePlan: self = .planUse
    case .noPath: self = .noPath
    case .coding: self = .coding
    case .wire: self = .frame
    case .outOfTurn: self = .outOfTurn
    }
  }

  /// The code with which a plan is refused.
  public init(_ error: PlanError) {
    switch error {
    case .truncated: self = .planTruncated
    case .misaligned: self = .planMisaligned
    case .notAPlan: self = .notAPlan
    case .unsupportedVersion: self = .planVersion
    case .wrongChecksum: self = .planChecksum
    case .malformedHeader: self = .planHeader
    case .malformedTensor: self = .planTensor
    case .malformedOperator: self = .planOperator
    case .malformedBlocks: self = .planBlocks
    case .malformedSend: self = .planSend
    case .malformedExit: self = .planExit
    case .malformedPath: self = .planPath
    case .unusableArena: self = .poolTooSmall
    case .noSuchOperator: self = .noSuchOperator
    }
  }
}
