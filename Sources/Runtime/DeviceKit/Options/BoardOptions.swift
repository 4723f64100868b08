public import ArgumentParser
public import Board
public import DeviceCore

/// The emulated board and its radio, as `agilenn-device` and `agilenn-lab evaluate` take them.
public struct BoardOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The board: a name in Config/boards, or a file.", valueName: "name"))
  public var board = "stm32f746"

  @Option(
    help: ArgumentHelp("The core's clock in MHz; else the board's fastest.", valueName: "mhz"))
  public var clock: Double?

  @Option(
    help: ArgumentHelp(
      "The radio: a name in Config/radios, a file, or none (unshaped).", valueName: "name"))
  public var radio = "wifi-6mbps"

  @Option(
    help: ArgumentHelp(
      "What the energy covers: core and radio module alone, or all of the board.",
      valueName: "profile"))
  public var energy = EnergyProfileName.chip

  @Option(
    help: ArgumentHelp(
      "Whose kernels set the cycles: swift, cmsis-nn, x-cube-ai, tinyengine or tflm.",
      valueName: "preset"))
  public var kernels = "swift"

  @Option(
    help: ArgumentHelp(
      "virtual sleeps nowhere; paced makes the wall clock equal emulated time.", valueName: "mode"))
  public var time = Timeline.Mode.virtual

  @Option(
    help: ArgumentHelp(
      "The milliseconds that the server takes, always; else measured.", valueName: "measured|ms"),
    transform: ServerTime.init(argument:))
  public var serverTime = ServerTime.measured

  public init() {}

  /// - Parameters:
  ///   - seed: for what chance there is in the radio.
  ///   - device: what ``PolicyOptions`` say.
  /// - Throws: `ConfigError`, `ClockOutOfRange`.
  public func settings(
    config: ConfigStore, seed: UInt64?, device: DeviceSettings = DeviceSettings()
  ) throws -> DeviceRun.Settings {
    let profile = try config.board(board)
    if let clock { _ = try CycleClock(megahertz: clock, range: profile.clockRange) }
    return DeviceRun.Settings(
      board: profile, kernels: try config.kernels(kernels), megahertz: clock, energy: energy,
      radio: try config.radio(radio), time: time, serverTime: serverTime, seed: seed ?? 0,
      device: device)
  }
}

extension EnergyProfileName: ExpressibleByArgument {}

extension Timeline.Mode: ExpressibleByArgument {}

extension ServerTime {
  fileprivate init(argument: String) throws {
    guard let time = ServerTime(argument) else {
      throw ValidationError("'\(argument)' is neither 'measured' nor a number of milliseconds.")
    }
    self = time
  }
}
