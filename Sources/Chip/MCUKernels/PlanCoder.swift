/// What makes bytes of symbols; the raw values are those of the plan image.
public enum PlanCoder: UInt8, Equatable, Sendable {
  /// A byte for each symbol, or the int8 values themselves.
  case raw = 0
  case lzw = 1
  case range = 2
  /// The scan of a baseline JPEG, from the image's int8 values.
  case jpeg = 3
  /// A picture's file that somebody else makes of the image: the emulator's host.
  case file = 4

  /// Whether a picture is coded, and not a tensor's values.
  public var isPicture: Bool { self == .jpeg || self == .file }
}
