public import FeatureCoding

/// Why a payload is not what a path's coder writes.
public enum PayloadError: Error, Equatable, Sendable {
  /// Longer than any payload of the path.
  case tooLong(limit: Int)
  /// The device says that it coded more symbols than the path has.
  case tooManySymbols(count: Int, limit: Int)
  /// The coder refuses the bytes, or a channel the symbol.
  case undecodable(CodingError)
  /// What came is no picture of the path's, and why not.
  case noPicture(String)
}

extension PayloadError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooLong(let limit): "the payload is longer than the path's can be, \(limit) bytes"
    case .tooManySymbols(let count, let limit):
      "the payload cannot have \(count) symbols, because the path has \(limit)"
    case .undecodable(let error): "\(error)"
    case .noPicture(let reason): reason
    }
  }
}
