import CImageCodecs
import Foundation
import PictureFiles
import SeededRandom
import TestBundles
import Testing

@testable import Datasets

@Suite("Image files")
struct ImageFileTests {
  private func decode(_ bytes: [UInt8]) throws -> Picture {
    try ImageFile.decode(bytes, path: "picture")
  }

  @Test func `RGB as it is stored`() throws {
    let rows: [[UInt8]] = [[1, 2, 3, 250, 251, 252], [0, 128, 255, 9, 8, 7]]
    let image = try decode(PNGWriter.png(width: 2, height: 2, .rgb, rows: rows))
    #expect(image == Picture(width: 2, height: 2, pixels: rows.flatMap(\.self)))
  }

  @Test func `grey is repeated`() throws {
    let image = try decode(PNGWriter.png(width: 3, height: 1, .grey, rows: [[0, 77, 255]]))
    #expect(image.pixels == [0, 0, 0, 77, 77, 77, 255, 255, 255])
  }

  @Test func `one-bit grey`() throws {
    let png = PNGWriter.png(width: 3, height: 1, depth: 1, .grey, rows: [[0b1010_0000]])
    #expect(try decode(png).pixels == [255, 255, 255, 0, 0, 0, 255, 255, 255])
  }

  @Test func `palettes are looked up`() throws {
    let png = PNGWriter.png(
      width: 2, height: 1, .palette, rows: [[1, 0]], palette: [10, 20, 30, 40, 50, 60])
    #expect(try decode(png).pixels == [40, 50, 60, 10, 20, 30])
  }

  @Test func `transparency is laid over white`() throws {
    let png = PNGWriter.png(
      width: 2, height: 1, .rgba, rows: [[10, 20, 30, 255, 10, 20, 30, 0]])
    #expect(try decode(png).pixels == [10, 20, 30, 255, 255, 255])
    let grey = PNGWriter.png(width: 2, height: 1, .greyAlpha, rows: [[9, 255, 9, 0]])
    #expect(try decode(grey).pixels == [9, 9, 9, 255, 255, 255])
  }

  @Test func `16-bit levels are reduced`() throws {
    let png = PNGWriter.png(
      width: 2, height: 1, depth: 16, .rgb,
      rows: [[0x12, 0x12, 0x80, 0x80, 0xFF, 0xFF, 0, 0, 0x40, 0x40, 0xC0, 0xC0]])
    #expect(try decode(png).pixels == [0x12, 0x80, 0xFF, 0, 0x40, 0xC0])
  }

  @Test(arguments: ["photo", "progressive", "grey"])
  func `JPEG as Pillow decodes it`(name: String) throws {
    let image = try ImageFile.load(Fixture.url("\(name).jpg"), index: 3, label: 2)
    #expect(image.width == 16 && image.height == 12)
    #expect(image.pixels == (try Fixture.bytes("\(name).rgb")))
    #expect(image.index == 3 && image.label == 2 && image.name == "\(name).jpg")
    #expect(try ImageFile.size(of: Fixture.url("\(name).jpg")) == (16, 12))
  }

  @Test func `CMYK is refused by name`() throws {
    let error = #expect(throws: DatasetError.self) {
      try ImageFile.load(Fixture.url("cmyk.jpg"))
    }
    #expect(error?.description.contains("CMYK") == true)
    #expect(error?.exitStatus == 65)
  }

  @Test func `the first bytes decide, not the name`() throws {
    let folder = try TemporaryFolder()
    let png = PNGWriter.png(width: 1, height: 1, .rgb, rows: [[1, 2, 3]])
    let url = try folder.write(png, to: "wrong.jpg")
    #expect(try ImageFile.load(url).pixels == [1, 2, 3])
    #expect(try ImageFile.size(of: url) == (1, 1))
  }

  @Test(
    arguments: [
      (60_000, 60_000), (4_097, 1), (1, 4_097), (0x7FFF_FFFF, 0x7FFF_FFFF), (0, 1), (1, 0),
      (0xFFFF_FFFF, 1),
    ] as [(UInt32, UInt32)])
  func `a PNG that claims too much is refused before it is decoded`(
    width: UInt32, height: UInt32
  ) {
    let png = PNGWriter.png(width: width, height: height, .rgb, rows: [[1, 2, 3]])
    let error = #expect(throws: DatasetError.self) { try decode(png) }
    #expect(error?.exitStatus == 65)
  }

  @Test func `a PNG as large as is read`() throws {
    let row = [UInt8](repeating: 7, count: 4_096)
    let png = PNGWriter.png(width: 4_096, height: 2, .grey, rows: [row, row])
    #expect(try decode(png).pixels.count == 4_096 * 2 * 3)
  }

  @Test func `a JPEG that claims too much is refused before it is decoded`() throws {
    var bytes = try Fixture.bytes("photo.jpg")
    let frame = try #require(
      bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    for (position, byte) in zip(5..<9, [0xEA, 0x60, 0xEA, 0x60] as [UInt8]) {
      bytes[frame + position] = byte
    }
    let error = #expect(throws: DatasetError.self) { try decode(bytes) }
    #expect(error?.description.contains("60000x60000") == true)
  }

  @Test func `a JPEG cut anywhere is refused`() throws {
    let bytes = try Fixture.bytes("photo.jpg")
    // The last two bytes are the end marker; without them a decoder must make it up.
    for size in 0..<bytes.count {
      #expect(throws: DatasetError.self, "\(size) bytes") { try decode(Array(bytes.prefix(size))) }
    }
  }

  @Test func `a PNG cut anywhere is refused or whole`() throws {
    let rows = (0..<8).map { row in (0..<24).map { UInt8(row * 24 + $0) } }
    let bytes = PNGWriter.png(width: 8, height: 8, .rgb, rows: rows)
    let whole = try decode(bytes)
    // libpng stops once it has all rows: the end chunk's 12 bytes, and IDAT's checksum, go unread.
    for size in 0..<bytes.count {
      let cut = Array(bytes.prefix(size))
      if size < bytes.count - 20 {
        #expect(throws: DatasetError.self, "\(size) bytes") { try decode(cut) }
      } else if let image = try? decode(cut) {
        #expect(image == whole)
      }
    }
  }

  @Test(arguments: ["photo.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg"])
  func `flipped bits never crash`(name: String) throws {
    let bytes = try Fixture.bytes(name)
    var refused = 0
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 1 << UInt8(position % 8)
      do {
        let image = try decode(damaged)
        #expect(image.pixels.count == image.width * image.height * 3)
      } catch is DatasetError {
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  @Test func `flipped bits of a PNG never crash`() throws {
    let rows = (0..<4).map { row in (0..<12).map { UInt8(row * 12 + $0) } }
    let bytes = PNGWriter.png(width: 4, height: 4, .rgb, rows: rows)
    let whole = try decode(bytes)
    for bit in 0..<(bytes.count * 8) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      if let image = try? decode(damaged) { #expect(image == whole, "bit \(bit)") }
    }
  }

  @Test func `junk is refused`() {
    var junk = SplitMix64(seed: 5)
    for magic: [UInt8] in [
      [], [0xFF, 0xD8, 0xFF], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
    ] {
      for size in 0..<200 {
        let bytes = magic + junk.bytes(size)
        #expect(throws: DatasetError.self) { try decode(bytes) }
      }
    }
  }

  @Test func `files that are not there, or folders`() throws {
    let folder = try TemporaryFolder()
    let missing = folder.url.appending(path: "nothing.png")
    #expect(throws: DatasetError.noSuchFile(path: missing.path)) { try ImageFile.load(missing) }
    #expect(throws: DatasetError.unreadable(path: folder.url.path, reason: "not a file")) {
      try ImageFile.load(folder.url)
    }
    let text = try folder.write("hello", to: "text.png")
    #expect(
      throws: DatasetError.unsupportedImage(
        path: text.path, reason: "neither a PNG nor a JPEG file")
    ) { try ImageFile.load(text) }
    let empty = try folder.write("", to: "empty.png")
    #expect(throws: DatasetError.corrupt(path: empty.path, reason: "it is empty")) {
      try ImageFile.size(of: empty)
    }
  }

  @Test func `a file too large to be an image is not read`() throws {
    let folder = try TemporaryFolder()
    let url = try folder.write([0xFF, 0xD8, 0xFF], to: "large.jpg")
    #expect(truncate(url.path, off_t(ImageFile.largestFile + 1)) == 0)
    #expect(throws: DatasetError.self) { try ImageFile.load(url) }
  }

  @Test func `exported images come back as they were`() throws {
    let folder = try TemporaryFolder()
    let digits = RenderedDigits(split: .test)
    var files: [URL] = []
    try ImageExport.write(digits, count: 3, to: folder.url) { files.append($0) }
    #expect(files.count == 3)
    for (index, file) in files.enumerated() {
      let image = try digits.image(at: index)
      let label = try #require(image.label)
      #expect(file.lastPathComponent == "0000\(index)-\(label).png")
      #expect(try ImageFile.load(file).pixels == image.pixels)
    }
  }
}
