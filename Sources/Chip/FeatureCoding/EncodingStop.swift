/// Why an encoder came back.
public enum EncodingStop: Equatable, Sendable {
  /// All the symbols that were asked for are in.
  case symbols
  /// So many bytes as were asked for are settled, and can be sent.
  case settled
  /// The payload with one symbol more would not fit in the budget.
  case budget
}
