/// Why a picture's file could not be read or written; each with its reason, which does not name the file.
public enum PictureFileError: Error, Equatable, Sendable {
  /// It is not what its format says.
  case corrupt(String)
  /// Of a kind that is not read here, or larger than is decoded here.
  case unsupported(String)
  /// The library does not start.
  case unreadable(String)
  /// The library cannot encode the picture.
  case unencodable(String)
}

extension PictureFileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .corrupt(let reason), .unsupported(let reason), .unreadable(let reason),
      .unencodable(let reason):
      reason
    }
  }
}
