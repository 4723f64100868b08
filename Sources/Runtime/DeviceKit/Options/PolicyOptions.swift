public import ArgumentParser
public import BundleFormat
public import DeviceCore
public import DeviceSchemes

/// What the device program is told to do with its time and its bytes, as `agilenn-device` and
/// `agilenn-lab evaluate` take it.
public struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Answer each image within so many milliseconds, with what is there by then.",
      valueName: "ms"))
  public var deadline: Double?

  @Option(
    help: ArgumentHelp("The most bytes of payload that an image may cost.", valueName: "bytes"))
  public var budget: Int?

  @Option(
    help: ArgumentHelp(
      "always asks the server; confident only where no exit of the device's is sure enough.",
      valueName: "policy"), transform: DeviceSettings.Policy.init(argument:))
  public var policy = DeviceSettings.Policy.always

  @Option(
    help: ArgumentHelp(
      "What a scheme that chooses among paths saves: time, wrong answers (no early exit), or energy.",
      valueName: "latency|accuracy|energy"))
  public var target: Target?

  @Option(
    help: ArgumentHelp(
      "Whether core, radio and server work at the same time, or one after the other.",
      valueName: "on|off"))
  public var overlap = Overlap.on

  @Option(help: ArgumentHelp("Which of the bundle's paths; else the scheme's.", valueName: "name"))
  public var path: String?

  /// Whether the lanes of emulated time run side by side.
  public enum Overlap: String, CaseIterable, Sendable, ExpressibleByArgument {
    case on
    case off
  }

  /// What a scheme that chooses among paths is to save.
  public enum Target: String, CaseIterable, Sendable, ExpressibleByArgument {
    case latency
    case accuracy
    case energy
  }

  public init() {}

  public func validate() throws {
    if let deadline, !(deadline >= 0 && deadline <= 86_400_000) {
      throw ValidationError("--deadline is 0 to 86400000 ms, a day.")
    }
    if let budget, budget < 0 { throw ValidationError("--budget is 0 or more bytes.") }
  }

  /// - Throws: ``DeviceError/noPath(paths:)`` where the bundle has no path of that name,
  ///   ``DeviceError/noChoice(scheme:)`` for a target where the scheme chooses nothing.
  public func settings(for bundle: ModelBundle) throws(DeviceError) -> DeviceSettings {
    var settings = DeviceSettings()
    settings.policy = policy
    settings.overlaps = overlap == .on
    settings.deadline = deadline.map { Microseconds(($0 * 1000).rounded()) }
    settings.budget = budget
    if let target {
      guard bundle.manifest.scheme == .spinn, path == nil else {
        throw .noChoice(scheme: bundle.manifest.scheme.rawValue)
      }
      settings.target =
        switch target {
        case .latency: .latency
        case .accuracy: .accuracy
        case .energy: .energy
        }
    }
    if let path {
      let names = bundle.manifest.paths.map(\.name)
      guard let number = names.firstIndex(of: path) else { throw .noPath(paths: names) }
      settings.path = number
    }
    return settings
  }
}

extension DeviceSettings.Policy {
  fileprivate init(argument: String) throws {
    switch argument {
    case "always": self = .always
    case "confident": self = .confident
    default: throw ValidationError("'\(argument)' is neither 'always' nor 'confident'.")
    }
  }
}
