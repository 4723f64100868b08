/// Why the bench gave no results.
public enum BenchError: Error, Equatable, Sendable {
  /// No image where it was looked for.
  case noFirmware(path: String)
  /// A program that is needed is not on the PATH.
  case noProgram(String)
  /// The bench itself ended, not a plan: QEMU's exit status and what it said.
  case ended(status: Int32, message: String)
  case malformedResults(String)
  /// The image has no such symbol.
  case noSymbol(String)
  case unreadable(String)
  /// A bundle that answers without its device has nothing for the firmware.
  case noDeviceGraph(String)
}

extension BenchError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noFirmware(let path): "no firmware at \(path); scripts/firmware builds it"
    case .noProgram(let name): "no \(name) on the PATH; scripts/setup test installs it"
    case .ended(let status, let message):
      "the firmware's bench ended with \(status)" + (message.isEmpty ? "" : ": \(message)")
    case .malformedResults(let reason): "the bench's results are malformed: \(reason)"
    case .noSymbol(let name): "the firmware's image has no symbol \(name)"
    case .unreadable(let path): "cannot read \(path)"
    case .noDeviceGraph(let path): "the bundle at \(path) has no device graph"
    }
  }
}
