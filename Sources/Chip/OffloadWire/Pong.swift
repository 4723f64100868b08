/// The answer to ping.
///
///     0  nonce  u64
public struct Pong: WireFrame, Equatable, Sendable {
  /// The ping's.
  public let nonce: UInt64

  public static let type = FrameType.pong
  static let fixedLength = 8

  public init(nonce: UInt64) {
    self.nonce = nonce
  }

  public var bodyLength: Int { Self.fixedLength }

  public init(decoding body: UnsafeRawBufferPointer) throws(WireError) {
    try body.checkLength(Self.fixedLength)
    nonce = body.integer(at: 0, as: UInt64.self)
  }

  public func encode(body: UnsafeMutableRawBufferPointer) throws(WireError) {
    body.store(nonce, at: 0)
  }
}
