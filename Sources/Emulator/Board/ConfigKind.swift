/// The three kinds of file in `Config/` that describe the emulated device.
///
/// The raw value is the folder's name.
public enum ConfigKind: String, CaseIterable, Equatable, Sendable {
  case board = "boards"
  case radio = "radios"
  case kernels = "kernels"

  var noun: String {
    switch self {
    case .board: "board"
    case .radio: "radio"
    case .kernels: "kernel preset"
    }
  }
}
