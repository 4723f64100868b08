/// The answer to hello: the server has the bundle.
///
///     0  version            u16
///     2  reserved           u16  0
///     4  maximumBodyLength  u32
public struct Welcome: WireFrame, Equatable, Sendable {
  /// The version that both sides speak from here on.
  public let version: UInt16
  /// Bytes of the longest body that the server takes on this connection.
  public let maximumBodyLength: UInt32

  public static let type = FrameType.welcome
  static let fixedLength = 8

  public init(version: UInt16 = WireProtocol.version, maximumBodyLength: UInt32) {
    self.version = version
    self.maximumBodyLength = maximumBodyLength
  }

  public var bodyLength: Int { Self.fixedLength }

  public init(decoding body: UnsafeRawBufferPointer) throws(WireError) {
    try body.checkLength(Self.fixedLength)
    version = body.integer(at: 0, as: UInt16.self)
    guard version == WireProtocol.version else { throw .unsupportedVersion(version) }
    guard body.integer(at: 2, as: UInt16.self) == 0 else { throw .reservedNotZero }
    maximumBodyLength = body.integer(at: 4, as: UInt32.self)
  }

  public func encode(body: UnsafeMutableRawBufferPointer) throws(WireError) {
    body.store(version, at: 0)
    body.store(0 as UInt16, at: 2)
    body.store(maximumBodyLength, at: 4)
  }
}
