import OffloadWire
import Testing

@Suite struct BundleDigestTests {
  @Test func everyBitCounts() throws {
    let bytes = FrameBytes.digest
    let digest = try #require(BundleDigest(bytes))
    #expect(digest.bytes == bytes)
    #expect(digest == BundleDigest(bytes))
    for bit in 0..<256 {
      var other = bytes
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(digest != BundleDigest(other))
    }
    #expect(Set([digest, digest]).count == 1)
  }

  @Test func otherLengthsAreNone() {
    for count in [0, 31, 33] {
      #expect(BundleDigest(Array(repeating: 0, count: count)) == nil)
    }
  }
}
