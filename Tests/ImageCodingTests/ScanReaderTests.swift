import CImageCodecs
import ImageCoding
import SeededRandom
import Testing

@Suite("JPEG scan reader")
struct ScanReaderTests {
  @Test("counts the units of a scan that comes in pieces, and completes a cut one")
  func pieces() throws {
    var random = SplitMix64(seed: 21)
    for _ in 0..<150 {
      let settings = JPEGSettings(
        quality: 1 + Int(random.next() % 100),
        sampling: ChromaSampling.allCases[Int(random.next() % 2)])
      let picture = TestPicture(
        width: 1 + Int(random.next() % 50), height: 1 + Int(random.next() % 50), &random)
      let all = picture.geometry(settings).units
      let count = Int(random.next() % UInt64(all + 1))
      let scan = picture.scan(settings, units: count).bytes
      var reader = ScanReader(settings, width: picture.width, height: picture.height)
      var start = 0
      var before = 0
      while start < scan.count {
        let end = min(scan.count, start + 1 + Int(random.next() % 20))
        try reader.append(scan[start..<end])
        #expect(reader.units >= before)
        (start, before) = (end, reader.units)
      }
      try reader.finish([], units: count)
      #expect(reader.units == count)
      if count == all { #expect(reader.completed() == scan) }
      // libjpeg takes it without a warning, and what has come is as it was.
      let whole = try #require(decoded(scan: picture.scan(settings).bytes, picture, settings))
      let cut = try #require(decoded(scan: reader.completed(), picture, settings))
      let side = settings.sampling.unitSide
      let columns = picture.geometry(settings).columns
      for row in 0..<picture.height {
        for column in 0..<picture.width
        // The colours of a unit's border are blended with those beside it.
        where isInside(row, column, side, columns, count) {
          let place = 3 * (row * picture.width + column)
          #expect(cut[place..<(place + 3)] == whole[place..<(place + 3)])
        }
      }
    }
  }

  private func isInside(_ row: Int, _ column: Int, _ side: Int, _ columns: Int, _ count: Int)
    -> Bool
  {
    [-2, 2].allSatisfy { down in
      [-2, 2].allSatisfy { right in
        let (row, column) = (max(0, row + down), max(0, column + right))
        return row / side * columns + min(column / side, columns - 1) < count
      }
    }
  }

  @Test("lets nothing pass that is no scan, whatever comes")
  func mutations() throws {
    var random = SplitMix64(seed: 22)
    var (refused, passed) = (0, 0)
    for _ in 0..<4000 {
      let settings = JPEGSettings(
        quality: 20 + Int(random.next() % 80),
        sampling: ChromaSampling.allCases[Int(random.next() % 2)])
      let picture = TestPicture(width: 24, height: 24, &random)
      var scan = picture.scan(settings).bytes
      switch random.next() % 4 {
      case 0: scan[Int(random.next() % UInt64(scan.count))] ^= 1 << UInt8(random.next() % 8)
      case 1: scan.removeLast(1 + Int(random.next() % UInt64(scan.count)))
      case 2: scan.insert(UInt8(random.next() % 256), at: Int(random.next() % UInt64(scan.count)))
      default:
        scan.append(contentsOf: [0xFF, 0xD9])
      }
      var reader = ScanReader(settings, width: 24, height: 24)
      do {
        try reader.finish(scan, units: picture.geometry(settings).units)
      } catch {
        refused += 1
        continue
      }
      passed += 1
      // A bit of a number may be any; the file stays one that libjpeg reads.
      #expect(decoded(scan: reader.completed(), picture, settings) != nil)
    }
    #expect(refused > 2500 && passed > 50)
  }

  @Test("a scan of no units is no bytes")
  func empty() throws {
    let settings = JPEGSettings(quality: 50, sampling: .half)
    var reader = ScanReader(settings, width: 20, height: 20)
    try reader.finish([], units: 0)
    var other = ScanReader(settings, width: 20, height: 20)
    #expect(throws: ScanReader.Fault.self) { try other.finish([0xFF, 0x00], units: 0) }
  }

  /// nil where libjpeg fails or warns.
  private func decoded(
    scan: [UInt8], _ picture: TestPicture, _ settings: JPEGSettings
  ) -> [UInt8]? {
    let file = JPEGFile.around(scan, width: picture.width, height: picture.height, settings)
    let handle = tjInitDecompress()
    defer { tjDestroy(handle) }
    var pixels = [UInt8](repeating: 0, count: picture.pixels.count)
    let status = tjDecompress2(
      handle, file, UInt(file.count), &pixels, Int32(picture.width), 0, Int32(picture.height),
      Int32(TJPF_RGB.rawValue), TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING)
    return status == 0 ? pixels : nil
  }
}
