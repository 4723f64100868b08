public import ExitStatus
public import TFLite

extension CompileError: ExitStatusProviding {
  public var exitStatus: Int32 { ExitStatus.badData.rawValue }
}

extension TFLiteError: ExitStatusProviding {
  public var exitStatus: Int32 {
    if case .unreadable = self { return ExitStatus.missingInput.rawValue }
    return ExitStatus.badData.rawValue
  }
}
