/// What happens to the device program.
public enum DeviceEvent: Equatable, Sendable {
  /// A new image lies in the camera's tensor. The one before is answered, or is given up.
  case image
  /// The core has ended the work that it was given last.
  case workDone
  /// The radio has taken the bytes that it was given last; their place is free again.
  case sent
  /// A whole frame of the server's lies at the start of the receive buffer.
  case received(bytes: Int)
  /// The instant has come that the program asked to be woken at.
  case timer
  /// There is a connection, and the server has the bundle.
  case linkUp
  /// The connection is gone, with all that was under way on it.
  case linkLost
}
