/// What makes bytes of symbols; the raw values are those of the plan image.
public enum PlanCoder: UInt8, Equatable, Sendable {
  /// A byte for each symbol, or the int8 values themselves.
  case raw = 0
  case lzw = 1
  case range = 2
}
