public import DeviceCore

/// Something that the bench tells the device program.
public struct BenchEvent: Sendable {
  /// An event's number in `firmware.h`; a test may make up others.
  public var kind: UInt32
  public var instant: Microseconds
  /// The image's pixels, or the frame that is received.
  public var bytes: [UInt8]

  public init(kind: UInt32, instant: Microseconds, bytes: [UInt8] = []) {
    self.kind = kind
    self.instant = instant
    self.bytes = bytes
  }

  public init(_ traced: TracedEvent) {
    self.init(kind: Self.kind(of: traced.event), instant: traced.instant, bytes: traced.bytes)
  }

  private static func kind(of event: DeviceEvent) -> UInt32 {
    switch event {
    case .image: 0
    case .workDone: 1
    case .sent: 2
    case .received: 3
    case .timer: 4
    case .linkUp: 5
    case .linkLost: 6
    }
  }

  func append(to file: inout [UInt8]) {
    file.append(words: [
      kind, UInt32(truncatingIfNeeded: instant), UInt32(truncatingIfNeeded: instant >> 32),
      UInt32(bytes.count),
    ])
    file.append(padded: bytes)
  }
}
