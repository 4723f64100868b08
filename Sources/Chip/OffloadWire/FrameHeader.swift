/// The eight bytes that every frame begins with.
public struct FrameHeader: Equatable, Sendable {
  public let type: FrameType
  /// Bytes that follow the header.
  public let bodyLength: UInt32

  public static let size = 8

  /// Bytes of the whole frame.
  public var frameSize: Int { Self.size + Int(bodyLength) }

  /// Where the body lies in the frame's bytes.
  public var body: Range<Int> { Self.size..<frameSize }

  public init(type: FrameType, bodyLength: UInt32) {
    self.type = type
    self.bodyLength = bodyLength
  }

  /// Decodes the first ``size`` of `bytes`, which may go on.
  ///
  /// Throws ``WireError/truncated(expected:found:)`` if there are fewer, and if they are not a
  /// header of version 2 with a length that a body of its type can have.
  public init(decoding bytes: UnsafeRawBufferPointer) throws(WireError) {
    guard bytes.count >= Self.size else {
      throw .truncated(expected: Self.size, found: bytes.count)
    }
    guard let type = FrameType(rawValue: bytes[0]) else { throw .unknownType(bytes[0]) }
    guard bytes[1] == 0, bytes.integer(at: 2, as: UInt16.self) == 0 else {
      throw .reservedNotZero
    }
    self.init(type: type, bodyLength: bytes.integer(at: 4, as: UInt32.self))
    let lengths = type.bodyLengths
    guard bodyLength >= UInt32(lengths.lowerBound) else {
      throw .bodyTooShort(length: bodyLength, minimum: lengths.lowerBound)
    }
    try check(maximumBodyLength: lengths.upperBound)
  }

  /// Refuses a body longer than the receiver takes: to be called before room is made for it.
  public func check(maximumBodyLength maximum: Int) throws(WireError) {
    guard maximum >= 0, UInt(bodyLength) <= UInt(bitPattern: maximum) else {
      throw .bodyTooLong(length: bodyLength, maximum: maximum)
    }
  }

  func encode(into bytes: UnsafeMutableRawBufferPointer) {
    bytes.store(type.rawValue, at: 0)
    bytes.store(0 as UInt8, at: 1)
    bytes.store(0 as UInt16, at: 2)
    bytes.store(bodyLength, at: 4)
  }
}
