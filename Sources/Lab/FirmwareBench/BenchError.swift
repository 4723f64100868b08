public import ExitStatus

/// Why the bench gave no results.
public enum BenchError: Error, Equatable, Sendable {
  /// No image where it was looked for.
  case noFirmware(path: String)
  /// A program that is needed is not on the PATH.
  case noProgram(String)
  /// The bench itself ended, not a plan: QEMU's exit status and what it said.
  case ended(status: Int32, message: String)
  /// A signal ended QEMU: the bench's own time limit (KILL), or somebody else.
  case killed(signal: Int32, message: String)
  /// A signal to this process ended the run.
  case interrupted(signal: Int32)
  case malformedResults(String)
  /// A firmware that is no image of the linker's.
  case malformedImage(path: String)
  /// The image has no such symbol.
  case noSymbol(String)
  case unreadable(String)
  case unwritable(String)
  /// A file that is no model, or one that the compiler refuses.
  case unusableModel(file: String, reason: String)
  /// A bare model, which no camera belongs to.
  case noCamera(String)
}

extension BenchError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noFirmware(let path): "no firmware at \(path); scripts/firmware builds it"
    case .noProgram(let name): "no \(name) on the PATH; scripts/setup test installs it"
    case .ended(let status, let message):
      "the firmware's bench ended with \(status)" + (message.isEmpty ? "" : ": \(message)")
    case .killed(let signal, let message):
      "signal \(signal) ended the firmware's bench" + (message.isEmpty ? "" : ": \(message)")
    case .interrupted(let signal): "ended by signal \(signal)"
    case .malformedImage(let path): "\(path) is no firmware image; scripts/firmware builds it"
    case .malformedResults(let reason): "the bench's results are malformed: \(reason)"
    case .noSymbol(let name): "the firmware's image has no symbol \(name)"
    case .unreadable(let path): "cannot read \(path)"
    case .unwritable(let path): "cannot write \(path)"
    case .unusableModel(let file, let reason): "\(file): \(reason)"
    case .noCamera(let name): "\(name) is a bare model: it has no camera"
    }
  }
}

extension BenchError: ExitStatusProviding {
  public var exitStatus: Int32 {
    switch self {
    case .noFirmware, .noProgram, .unreadable: ExitStatus.missingInput.rawValue
    case .unusableModel, .noCamera, .malformedImage: ExitStatus.badData.rawValue
    // As a shell tells it.
    case .interrupted(let signal): 128 + signal
    // EX_CANTCREAT, the number of a port that cannot be bound.
    case .unwritable: ExitStatus.cannotBind.rawValue
    // The bench's own trouble: EX_SOFTWARE.
    case .ended, .killed, .malformedResults, .noSymbol: 70
    }
  }
}
