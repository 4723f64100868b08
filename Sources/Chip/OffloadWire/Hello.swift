/// The first frame: which version the device speaks, which bundle it has, and who it is.
///
///     0  magic        u32  "AGNN"
///     4  version      u16
///     6  tokenLength  u16  256 at most
///     8  digest       32 bytes
///    40  token        tokenLength bytes
public struct Hello: WireFrame {
  public let version: UInt16
  public let digest: BundleDigest
  /// Empty: none.
  public let token: UnsafeRawBufferPointer

  public static let type = FrameType.hello
  static let fixedLength = 40

  /// Bytes of the longest body, in all versions.
  public static let maximumBodyLength = fixedLength + WireProtocol.maximumTokenLength

  public init(
    version: UInt16 = WireProtocol.version, digest: BundleDigest, token: UnsafeRawBufferPointer
  ) {
    self.version = version
    self.digest = digest
    self.token = token
  }

  public var bodyLength: Int { Self.fixedLength + token.count }

  /// Throws ``WireError/unsupportedVersion(_:)`` before it looks at what another version may have
  /// elsewhere: the magic and the version stay where they are in all versions.
  public init(decoding body: UnsafeRawBufferPointer) throws(WireError) {
    guard body.count >= Self.fixedLength else {
      throw .truncated(expected: Self.fixedLength, found: body.count)
    }
    let magic = body.integer(at: 0, as: UInt32.self)
    guard magic == WireProtocol.magic else { throw .badMagic(magic) }
    version = body.integer(at: 4, as: UInt16.self)
    guard version == WireProtocol.version else { throw .unsupportedVersion(version) }
    let tokenLength = Int(body.integer(at: 6, as: UInt16.self))
    guard tokenLength <= WireProtocol.maximumTokenLength else {
      throw .bodyTooLong(
        length: UInt32(tokenLength), maximum: WireProtocol.maximumTokenLength)
    }
    try body.checkLength(Self.fixedLength + tokenLength)
    guard let digest = BundleDigest(body.view(at: 8, count: BundleDigest.size)) else {
      throw .truncated(expected: Self.fixedLength, found: body.count)
    }
    self.digest = digest
    token = body.view(at: Self.fixedLength, count: tokenLength)
  }

  public func encode(body: UnsafeMutableRawBufferPointer) throws(WireError) {
    body.store(bytes: token, at: Self.fixedLength)
    body.store(WireProtocol.magic, at: 0)
    body.store(version, at: 4)
    body.store(UInt16(token.count), at: 6)
    digest.encode(into: body, at: 8)
  }
}
