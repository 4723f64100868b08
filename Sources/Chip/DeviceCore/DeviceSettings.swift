/// What a user decides about the device program.
public struct DeviceSettings: Equatable, Sendable {
  /// Whether the server is asked.
  public enum Policy: UInt8, CaseIterable, Equatable, Sendable {
    /// For every image.
    case always = 0
    /// Unless a device exit is sure enough of its own answer: at or above its threshold.
    case confident = 1
  }

  /// What a scheme that chooses among paths is to save.
  public enum Target: UInt8, CaseIterable, Equatable, Sendable {
    /// The time from the image to its answer.
    case latency = 0
    /// Wrong answers: no early exit is taken, and the cut is the quickest.
    case accuracy = 1
    /// The energy of the device.
    case energy = 2
  }

  /// What the device draws, in milliwatts, 1,000,000 at most; 0 where it is not known.
  public struct Power: Equatable, Sendable {
    /// All the time, its radio silent.
    public var device: Int
    /// Besides, while it sends.
    public var sending: Int

    public init(device: Int = 0, sending: Int = 0) {
      self.device = max(0, min(device, 1_000_000))
      self.sending = max(0, min(sending, 1_000_000))
    }
  }

  public var policy = Policy.always
  public var target = Target.latency
  /// For the target energy; without it that is the target latency.
  public var power = Power()
  /// The number of the path to take; nil leaves it to the scheme.
  public var path: Int?
  /// From the image to its answer; nil for no hurry.
  public var deadline: Microseconds?
  /// The most bytes of payload that an image may cost; nil for as many as it takes.
  public var budget: Int?
  /// Whether core, radio and server work at the same time; without, one thing happens after the other.
  public var overlaps = true
  /// The radio's nominal rate, which holds until one has been measured; 0 where it is not known.
  public var bytesPerSecond = 0

  public init() {}
}
