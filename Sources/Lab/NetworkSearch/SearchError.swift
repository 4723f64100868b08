public import ExitStatus

/// Why a search cannot go on. Each is one line.
public enum SearchError: Error, Equatable {
  case unusableTrace(String, reason: String)
  case unwritable(String)
  /// No candidate keeps within the bounds.
  case nothingFits(String)
}

extension SearchError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unusableTrace(let path, let reason): "\(path) \(reason)"
    case .unwritable(let path): "\(path) cannot be written"
    case .nothingFits(let closest): "no network of the space keeps within the bounds; \(closest)"
    }
  }
}

extension SearchError: ExitStatusProviding {
  public var exitStatus: Int32 {
    switch self {
    case .unusableTrace, .nothingFits: ExitStatus.badData.rawValue
    case .unwritable: ExitStatus.outputLost.rawValue
    }
  }
}
