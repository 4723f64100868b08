import CImageCodecs
import ImageCoding
import SeededRandom

/// Pictures that are easy and hard to code, and what the encoder makes of them.
struct TestPicture {
  let width: Int
  let height: Int
  let pixels: [UInt8]

  /// Flat, sloping or noisy, by chance.
  init(width: Int, height: Int, _ random: inout SplitMix64) {
    self.width = width
    self.height = height
    let noise = [0, 4, 40, 256][Int(random.next() % 4)]
    let slope = (0..<6).map { _ in Int(random.next() % 9) - 4 }
    let start = (0..<3).map { _ in Int(random.next() % 256) }
    var pixels: [UInt8] = []
    for row in 0..<height {
      for column in 0..<width {
        for colour in 0..<3 {
          var value = start[colour] + slope[colour] * row + slope[colour + 3] * column
          if noise > 0 { value += Int(random.next() % UInt64(noise)) }
          pixels.append(UInt8(max(0, min(255, value))))
        }
      }
    }
    self.pixels = pixels
  }

  init(width: Int, height: Int, pixels: [UInt8]) {
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The scan of the first units.
  ///
  /// - Parameters:
  ///   - piece: bytes after which what is settled is taken away.
  func scan(
    _ settings: JPEGSettings, units: Int? = nil, budget: Int = .max, piece: Int = .max
  ) -> (bytes: [UInt8], units: Int) {
    let blob = settings.tables()
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: blob.count, alignment: 4)
    let workspace = UnsafeMutableRawBufferPointer.allocate(
      byteCount: JPEGEncoder.workspaceSize, alignment: JPEGEncoder.workspaceAlignment)
    let perUnit = JPEGEncoder.worstCaseBytes(perUnitOf: settings.sampling) + 4
    let geometry = geometry(settings)
    let output = UnsafeMutableRawBufferPointer.allocate(
      byteCount: piece == .max ? perUnit * (geometry.units + 1) : piece + perUnit, alignment: 1)
    defer {
      memory.deallocate()
      workspace.deallocate()
      output.deallocate()
    }
    memory.copyBytes(from: blob)
    guard let tables = JPEGTables(UnsafeRawBufferPointer(memory)) else { return ([], -1) }
    let image = pixels.map { Int8(truncatingIfNeeded: Int($0) - 128) }
    return image.withUnsafeBytes { image in
      var encoder = JPEGEncoder(
        image, width: width, height: height, tables: tables, workspace: workspace)
      encoder.begin(output)
      var bytes: [UInt8] = []
      while encoder.encode(to: units ?? geometry.units, settling: piece, budget: budget) == .settled
      {
        let ready = encoder.settledBytes
        bytes += output[..<ready]
        encoder.take(ready)
      }
      bytes += output[..<encoder.finish()]
      return (bytes, encoder.unitsCoded)
    }
  }

  func geometry(_ settings: JPEGSettings) -> JPEGGeometry {
    JPEGGeometry(width: width, height: height, sampling: settings.sampling)
  }

  /// The file that libjpeg makes of it with its accurate integer transform.
  func libjpegFile(_ settings: JPEGSettings) -> [UInt8] {
    let handle = tjInitCompress()
    defer { tjDestroy(handle) }
    var buffer: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    let sampling = settings.sampling == .full ? TJSAMP_444 : TJSAMP_420
    let status = tjCompress2(
      handle, pixels, Int32(width), 0, Int32(height), Int32(TJPF_RGB.rawValue), &buffer, &size,
      Int32(sampling.rawValue), Int32(settings.quality), TJFLAG_ACCURATEDCT)
    defer { tjFree(buffer) }
    guard status == 0, let buffer else { return [] }
    return Array(UnsafeBufferPointer(start: buffer, count: Int(size)))
  }
}
