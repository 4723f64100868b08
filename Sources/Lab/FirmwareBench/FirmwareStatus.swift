/// What a call of the device program comes to: the codes of the firmware's `firmware.h`, and of the
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
  case planSymbols = 18
  case planUse = 19
  case poolMisaligned = 20
  case poolTooSmall = 21
  case planLargerThanFlash = 22
  case notStarted = 23
  case noFeatures = 24
  case noSuchOperator = 25
  case coding = 26
  case frame = 27
  case answer = 28
  case fault = 40
  case benchFiles = 60
  case benchJobs = 61
  case benchFault = 62
}
