import MCUKernels

/// An emulated board at work: its memories, its clock and what it draws.
public struct Board: Sendable {
  public let profile: BoardProfile
  /// What operators cost.
  public let preset: KernelPreset
  /// All that the device program holds; stack and static data are already in it.
  public let sram: SRAM
  /// What the chip would hold in flash; the program's code is already in it.
  public var flash: Flash
  public private(set) var clock: CycleClock
  /// What its processor and its radio module draw.
  public let power: PowerModel

  /// - Parameters:
  ///   - megahertz: nil for the board's fastest.
  ///   - radio: whose module is powered; nil for none.
  /// - Throws: ``ClockOutOfRange``, or ``SRAMOverflow`` or ``FlashOverflow`` where the program alone
  ///   is too large for the board.
  public init(
    profile: BoardProfile, preset: KernelPreset, megahertz: Double? = nil,
    energy: EnergyProfileName = .chip, radio: RadioProfile? = nil
  ) throws {
    self.profile = profile
    self.preset = preset
    let frequency = megahertz ?? profile.clockRange.upperBound
    clock = try CycleClock(megahertz: frequency, range: profile.clockRange)
    sram = SRAM(capacity: profile.sramBytes)
    try sram.reserve("stack", bytes: profile.program.stack)
    try sram.reserve("static data", bytes: profile.program.staticData)
    flash = Flash(capacity: profile.flashBytes)
    try flash.place("program", bytes: profile.program.code)
    power = PowerModel(
      profile: energy, board: profile, radio: radio, megahertz: frequency)
  }

  /// Charges cycles.
  ///
  /// - Returns: the time they take, µs.
  @discardableResult
  public mutating func compute(cycles: Int) -> Double {
    clock.charge(cycles)
  }

  /// The energy of an inference, µJ: ``PowerModel/energy(microseconds:sending:receiving:)``.
  public func energy(
    microseconds: Double, sending: Double, receiving: Double
  ) -> (compute: Double, radio: Double) {
    power.energy(microseconds: microseconds, sending: sending, receiving: receiving)
  }
}
