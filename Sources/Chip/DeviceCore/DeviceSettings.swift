/// What a user decides about the device program.
public struct DeviceSettings: Equatable, Sendable {
  /// Whether the server is asked.
  public enum Policy: UInt8, CaseIterable, Equatable, Sendable {
    /// For every image.
    case always = 0
    /// Unless a device exit is sure enough of its own answer: at or above its threshold.
    case confident = 1
  }

  public var policy = Policy.always
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
