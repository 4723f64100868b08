import Bundle

/// Why a device half could not be made, or could not answer. Each is one line.
public enum DeviceError: Error, Equatable, Sendable {
  /// The manifest names a scheme that this program does not have.
  case unknownScheme(String, known: [String])
  /// The bundle's path lacks what the scheme stands on.
  case incompletePath(scheme: String, missing: String)
  /// The device graph and the manifest do not agree.
  case unusableGraph(String)
  /// An image that the device's camera cannot have taken.
  case wrongImageSize(name: String, width: Int, height: Int, expected: String)
  /// No server, and the bundle gives the device no answer of its own.
  case noLocalAnswer
}

extension DeviceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownScheme(let name, let known):
      "no device for the scheme '\(name)' (there is one for \(known.joined(separator: ", ")))"
    case .incompletePath(let scheme, let missing):
      "the bundle's path lacks \(missing), which the scheme \(scheme) needs"
    case .unusableGraph(let reason):
      "the device graph cannot be used: \(reason)"
    case .wrongImageSize(let name, let width, let height, let expected):
      "\(name): the image has \(width)x\(height) pixels, the camera delivers \(expected)"
    case .noLocalAnswer:
      "there is no server, and the bundle has no local exit to answer from"
    }
  }
}

extension DeviceError: ExitStatusProviding {
  public var exitStatus: Int32 {
    switch self {
    case .unknownScheme, .incompletePath, .unusableGraph, .wrongImageSize: 65
    case .noLocalAnswer: 75
    }
  }
}
