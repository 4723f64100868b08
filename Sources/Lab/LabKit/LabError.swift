import BundleFormat
public import ExitStatus

/// What the lab itself refuses. Each is one line.
public enum LabError: Error, Equatable, Sendable {
  case noSuchFile(String)
  case unreadable(String)
  /// A model that cannot be read or compiled, and why.
  case unusableModel(file: String, reason: String)
  /// The bytes for all inputs do not have the length that the model's inputs have together; `bytes`
  /// is `nil` where there are more.
  case wrongInputLength(file: String, bytes: Int?, expected: Int, inputs: String)
  /// `Config/kernels` is empty.
  case noPresets
  case unwritable(String)
  /// The plan of a model in the model's place.
  case wouldOverwrite(String)
  /// A bundle that sends no symbols, which alone can be coded by tables.
  case noSymbols(String)
  /// A bundle whose device never answers itself.
  case noDeviceExit(String)
  /// A bundle that does not say how often it is right, where that was to be the measure.
  case noAccuracy(String)
  /// Images of other classes than the bundle's.
  case otherClasses(images: String, bundle: String)
  /// An image of a class that nobody knows.
  case noLabel(String)
  /// A camera for a bare model.
  case onlyForBundles(String)
}

extension LabError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noSuchFile(let path): "\(path): no such file or folder"
    case .unreadable(let path): "\(path): cannot be read"
    case .unusableModel(let file, let reason): "\(file): \(reason)"
    case .wrongInputLength(let file, let bytes, let expected, let inputs):
      "\(file): \(bytes.map(String.init) ?? "more than \(expected)") bytes, "
        + "but the model takes \(expected): \(inputs)"
    case .noPresets: "no kernel presets: Config/kernels is empty"
    case .unwritable(let path): "\(path): cannot be written"
    case .wouldOverwrite(let path): "\(path) is the model itself"
    case .noSymbols(let bundle): "\(bundle): no path sends symbols that could be coded"
    case .noDeviceExit(let bundle): "\(bundle): no path has an exit on the device"
    case .noAccuracy(let bundle):
      "\(bundle): bundle.json does not say how often the bundle is right; give --accuracy"
    case .otherClasses(let images, let bundle):
      "\(images): other classes than those of \(bundle)"
    case .noLabel(let image): "\(image): has no label"
    case .onlyForBundles(let path): "\(path) is a bare model: --camera is for bundles"
    }
  }
}

extension LabError: ExitStatusProviding {
  public var exitStatus: Int32 {
    switch self {
    case .noSuchFile, .unreadable, .noPresets: 66
    case .wrongInputLength, .unusableModel, .noSymbols, .noDeviceExit, .noLabel: 65
    case .onlyForBundles, .wouldOverwrite, .noAccuracy, .otherClasses: 64
    // EX_CANTCREAT.
    case .unwritable: 73
    }
  }
}
