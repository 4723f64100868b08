import BundleFormat
public import ExitStatus

/// Why a device half could not be made, or could not answer. Each is one line.
public enum DeviceError: Error, Equatable, Sendable {
  /// No path of the bundle has what its scheme stands on.
  case incompletePath(scheme: String, missing: String)
  /// The device graph and the manifest do not agree.
  case unusableGraph(String)
  /// What the device graph gives cannot be coded: the coder's tables are none, or another bundle's.
  case unusableCoder(String)
  /// An image that the device's camera cannot have taken.
  case wrongImageSize(name: String, width: Int, height: Int, expected: String)
  /// An image of a class that the bundle does not know.
  case unknownLabel(name: String, label: Int, labels: Int)
  /// No server, and the bundle gives the device no answer of its own.
  case noLocalAnswer
  /// The path that was asked for is not one of the bundle's, or none of them can be taken.
  case noPath(paths: [String])
  /// A target was named where nothing is to be chosen by it.
  case noChoice(scheme: String)
}

extension DeviceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .incompletePath(let scheme, let missing):
      "no path of the bundle has \(missing), which the scheme \(scheme) needs"
    case .unusableGraph(let reason):
      "the device graph cannot be used: \(reason)"
    case .unusableCoder(let reason):
      "the bundle's coder cannot be used: \(reason)"
    case .wrongImageSize(let name, let width, let height, let expected):
      "\(name): the image has \(width)x\(height) pixels, the camera delivers \(expected)"
    case .unknownLabel(let name, let label, let labels):
      "\(name): the image is of class \(label), the bundle knows the classes 0 to \(labels - 1)"
    case .noPath(let paths):
      "there is no such path (the bundle has: \(paths.joined(separator: ", ")))"
    case .noChoice(let scheme):
      "a target is for a scheme that chooses among paths (spinn), and the bundle's is \(scheme)"
        + (scheme == "spinn" ? ", with its path given" : "")
    case .noLocalAnswer:
      "there is no server, and the bundle has no local exit to answer from"
    }
  }
}

extension DeviceError: ExitStatusProviding {
  /// In most of these the bundle does not do for what is asked of it.
  public var exitStatus: Int32 {
    if case .noChoice = self { return ExitStatus.usage.rawValue }
    return ExitStatus.badData.rawValue
  }
}
