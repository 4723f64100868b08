import ImageCoding
import SeededRandom
import Testing

@Suite("JPEG encoder")
struct JPEGEncoderTests {
  /// Header, tables, transform, rounding, filling and codes: all of it is libjpeg's.
  @Test("writes the bytes that libjpeg writes", arguments: ChromaSampling.allCases)
  func matchesLibjpeg(_ sampling: ChromaSampling) {
    var random = SplitMix64(seed: 15)
    for round in 0..<400 {
      // Sides around multiples of a unit, where blocks are filled up.
      let width = 1 + Int(random.next() % 67)
      let height = 1 + Int(random.next() % 67)
      let quality = round < 100 ? round + 1 : 1 + Int(random.next() % 100)
      let settings = JPEGSettings(quality: quality, sampling: sampling)
      let picture = TestPicture(width: width, height: height, &random)
      let scan = picture.scan(settings)
      let file = JPEGFile.around(scan.bytes, width: width, height: height, settings)
      let isSame = file == picture.libjpegFile(settings)
      #expect(isSame, "\(width)x\(height) at quality \(quality)")
      #expect(scan.units == picture.geometry(settings).units)
    }
  }

  @Test("gives the same bytes in pieces of any size")
  func pieces() {
    var random = SplitMix64(seed: 16)
    for _ in 0..<100 {
      let settings = JPEGSettings(
        quality: 1 + Int(random.next() % 100),
        sampling: ChromaSampling.allCases[Int(random.next() % 2)])
      let picture = TestPicture(
        width: 1 + Int(random.next() % 67), height: 1 + Int(random.next() % 67), &random)
      let whole = picture.scan(settings).bytes
      #expect(picture.scan(settings, piece: 1 + Int(random.next() % 300)).bytes == whole)
    }
  }

  @Test("keeps to a budget, with as many units as fit")
  func budget() {
    var random = SplitMix64(seed: 17)
    for _ in 0..<60 {
      let settings = JPEGSettings(
        quality: 1 + Int(random.next() % 100),
        sampling: ChromaSampling.allCases[Int(random.next() % 2)])
      let picture = TestPicture(width: 40, height: 33, &random)
      let units = picture.geometry(settings).units
      let sizes = (0...units).map { picture.scan(settings, units: $0).bytes.count }
      for budget in [0, 1, sizes[units / 2] - 1, sizes[units / 2], sizes[units], sizes[units] + 1]
      where budget >= 0 {
        let found = picture.scan(settings, budget: budget)
        #expect(found.bytes.count <= budget)
        #expect(found.units == sizes.lastIndex { $0 <= budget })
        #expect(found.bytes == picture.scan(settings, units: found.units).bytes)
      }
    }
  }

  @Test("needs no more room for a unit than it says")
  func worstCase() {
    var random = SplitMix64(seed: 18)
    for sampling in ChromaSampling.allCases {
      let settings = JPEGSettings(quality: 100, sampling: sampling)
      for _ in 0..<50 {
        // Black and white by chance has the largest coefficients.
        let pixels = (0..<(16 * 16)).flatMap { _ -> [UInt8] in
          (0..<3).map { _ in random.next() % 2 == 0 ? 0 : 255 }
        }
        let picture = TestPicture(width: 16, height: 16, pixels: pixels)
        let limit = JPEGEncoder.worstCaseBytes(perUnitOf: sampling)
        #expect(picture.scan(settings, units: 1).bytes.count <= limit)
      }
    }
  }

  @Test("refuses tables that would lead it astray")
  func tables() {
    let good = JPEGSettings(quality: 50, sampling: .half).tables()
    #expect(isTables(good))
    #expect(!isTables(Array(good.dropLast())))
    #expect(!isTables([]))
    var random = SplitMix64(seed: 19)
    var refused = 0
    for _ in 0..<2000 {
      var bytes = good
      bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      // What passes must be safe to code with.
      if isTables(bytes) { _ = scan(with: bytes) } else { refused += 1 }
    }
    #expect(refused > 500)
  }

  private func isTables(_ bytes: [UInt8]) -> Bool { scan(with: bytes) != nil }

  /// A picture's bytes by these tables; nil where they are refused.
  private func scan(with bytes: [UInt8]) -> Int? {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(bytes.count, 1), alignment: 4)
    let workspace = UnsafeMutableRawBufferPointer.allocate(
      byteCount: JPEGEncoder.workspaceSize, alignment: JPEGEncoder.workspaceAlignment)
    defer {
      memory.deallocate()
      workspace.deallocate()
    }
    memory.copyBytes(from: bytes)
    guard let tables = JPEGTables(UnsafeRawBufferPointer(rebasing: memory[..<bytes.count])) else {
      return nil
    }
    let output = UnsafeMutableRawBufferPointer.allocate(
      byteCount: 10 * JPEGEncoder.worstCaseBytes(perUnitOf: .half), alignment: 1)
    defer { output.deallocate() }
    let image = (0..<(20 * 20 * 3)).map { Int8(truncatingIfNeeded: $0 * 37) }
    return image.withUnsafeBytes { image in
      var encoder = JPEGEncoder(image, width: 20, height: 20, tables: tables, workspace: workspace)
      encoder.begin(output)
      _ = encoder.encode(to: tables.sampling == .half ? 4 : 9)
      return encoder.finish()
    }
  }
}
