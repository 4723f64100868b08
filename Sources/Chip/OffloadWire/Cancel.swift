/// Withdraws a request: no answer is owed any more, and the next request may follow at once.
///
///     0  id  u32
public struct Cancel: WireFrame, Equatable, Sendable {
  /// The request's.
  public let id: UInt32

  public static let type = FrameType.cancel
  static let fixedLength = 4

  public init(id: UInt32) {
    self.id = id
  }

  public var bodyLength: Int { Self.fixedLength }

  public init(decoding body: UnsafeRawBufferPointer) throws(WireError) {
    try body.checkLength(Self.fixedLength)
    id = body.integer(at: 0, as: UInt32.self)
  }

  public func encode(body: UnsafeMutableRawBufferPointer) throws(WireError) {
    body.store(id, at: 0)
  }
}
