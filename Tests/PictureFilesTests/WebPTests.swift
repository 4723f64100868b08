import PictureFiles
import SeededRandom
import Testing

@Suite("WebP frames")
struct WebPTests {
  private func picture(_ side: Int, seed: UInt64) -> Picture {
    var random = SplitMix64(seed: seed)
    let pixels = (0..<(side * side * 3)).map { UInt8(($0 / 3) % 200 + Int(random.next() % 20)) }
    return Picture(width: side, height: side, pixels: pixels)
  }

  @Test("a frame is read again, near what it was", arguments: [1, 16, 32, 33])
  func roundTrip(_ side: Int) throws {
    let picture = picture(side, seed: 1)
    let frame = try WebP.encode(picture, quality: 100)
    let read = try WebP.decode(frame)
    #expect(read.width == side && read.height == side)
    let errors = zip(read.pixels, picture.pixels).map { abs(Int($0) - Int($1)) }
    #expect(Double(errors.reduce(0, +)) / Double(errors.count) < 12)
    #expect(try WebP.encode(picture, quality: 10).count <= frame.count)
  }

  @Test("broken frames are refused, and nothing worse")
  func mutations() throws {
    let frame = try WebP.encode(picture(32, seed: 2), quality: 60)
    #expect(throws: PictureFileError.self) { try WebP.decode([]) }
    var random = SplitMix64(seed: 3)
    for _ in 0..<2000 {
      var bytes = frame
      bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      if random.next() % 2 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
      _ = try? WebP.decode(bytes)
    }
  }
}
