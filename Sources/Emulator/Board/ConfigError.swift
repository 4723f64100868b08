public import ExitStatus

/// Why a board, radio or kernel preset could not be had from `Config/`. Each is one line.
public enum ConfigError: Error, Equatable, Sendable {
  /// No folder named `Config` was found in any of the places looked in.
  case noConfigFolder(searched: [String])
  /// No file of that name; the names that there are follow.
  case unknown(kind: ConfigKind, name: String, available: [String])
  /// The file could not be opened or read; the reason is the system's.
  case unreadable(path: String, reason: String)
  /// The file is not YAML, or does not say what it should; `line` counts from 1, 0 where none is
  /// known.
  case malformed(path: String, line: Int, reason: String)
}

extension ConfigError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noConfigFolder(let searched):
      "no Config folder found; looked in \(searched.joined(separator: ", ")); "
        + "set AGILENN_CONFIG to it"
    case .unknown(let kind, let name, let available):
      available.isEmpty
        ? "no \(kind.noun) '\(name)', and no file in Config/\(kind.rawValue)"
        : "no \(kind.noun) '\(name)'; there are: \(available.joined(separator: ", "))"
    case .unreadable(let path, let reason):
      "\(path): cannot be read: \(reason)"
    case .malformed(let path, let line, let reason):
      line > 0 ? "\(path):\(line): \(reason)" : "\(path): \(reason)"
    }
  }
}

extension ConfigError: ExitStatusProviding {
  public var exitStatus: Int32 {
    switch self {
    case .noConfigFolder, .unreadable: ExitStatus.missingInput.rawValue
    case .unknown: ExitStatus.usage.rawValue
    case .malformed: ExitStatus.badData.rawValue
    }
  }
}
