/// Opens a request: which path's payload follows in chunks and an end, and how long the answer may
/// take.
///
///      0  id        u32
///      4  path      u8   index into the bundle's paths
///      5  reserved  3 bytes, 0
///      8  timeLeft  u32  microseconds; 0xFFFFFFFF: no limit
public struct Infer: WireFrame, Equatable, Sendable {
  /// Chosen by the device, another than the previous request's; all frames of the request have it.
  public let id: UInt32
  /// Index into the bundle's paths.
  public let path: UInt8
  /// From this frame's arrival until the answer should leave, in microseconds; nil: no limit.
  public let timeLeft: UInt32?

  public static let type = FrameType.infer
  static let fixedLength = 12

  /// How the wire writes that there is no limit.
  private static let noLimit = UInt32.max

  /// - Parameter timeLeft: the largest UInt32 is sent as no limit.
  public init(id: UInt32, path: UInt8, timeLeft: UInt32? = nil) {
    self.id = id
    self.path = path
    self.timeLeft = timeLeft == Self.noLimit ? nil : timeLeft
  }

  public var bodyLength: Int { Self.fixedLength }

  public init(decoding body: UnsafeRawBufferPointer) throws(WireError) {
    try body.checkLength(Self.fixedLength)
    // The path's byte and the three reserved ones are one little-endian word.
    let pathAndReserved = body.integer(at: 4, as: UInt32.self)
    guard pathAndReserved <= 0xFF else { throw .reservedNotZero }
    self.init(
      id: body.integer(at: 0, as: UInt32.self), path: UInt8(pathAndReserved),
      timeLeft: body.integer(at: 8, as: UInt32.self))
  }

  public func encode(body: UnsafeMutableRawBufferPointer) throws(WireError) {
    body.store(id, at: 0)
    body.store(UInt32(path), at: 4)
    body.store(timeLeft ?? Self.noLimit, at: 8)
  }
}
