import Foundation
import SeededRandom
import TestBundles
import Testing

@testable import Datasets

@Suite("SVHN")
struct SVHNTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func open(_ bytes: [UInt8]) throws -> SVHN {
    try folder.write(bytes, to: "svhn/test_32x32.mat")
    return try SVHN(in: folder.url.appending(path: "svhn"), split: .test)
  }

  @Test(arguments: ["svhn-compressed", "svhn-double", "svhn-plain", "svhn-y-first"])
  func `files of the published form, as SciPy writes them`(name: String) throws {
    let dataset = try open(Fixture.bytes("\(name).mat"))
    #expect(dataset.count == 4)
    #expect(dataset.name == "svhn/test")
    #expect(dataset.labels == (0...9).map(String.init))
    #expect(try (0..<4).map { try dataset.label(at: $0) } == [0, 1, 5, 9])
    for index in 0..<4 {
      let image = try dataset.image(at: index)
      #expect(image.label == [0, 1, 5, 9][index])
      #expect(image.name == "svhn/test/\(index)")
      let expected = (0..<3_072).map { position in
        let (row, column, channel) = (position / 96, position / 3 % 32, position % 3)
        return UInt8((7 * row + 3 * column + 50 * channel + 11 * index) % 256)
      }
      #expect(image.pixels == expected)
    }
  }

  @Test func `both splits by the locator`() throws {
    let bytes = try Fixture.bytes("svhn-compressed.mat")
    try folder.write(bytes, to: "svhn/train_32x32.mat")
    let locator = DatasetLocator(root: folder.url)
    #expect(try locator.open(.svhn, split: .train).count == 4)
    let error = #expect(throws: DatasetError.self) { try locator.open(.svhn, split: .test) }
    #expect(error?.exitStatus == 66)
    #expect(error?.description.contains("scripts/datasets svhn") == true)
    try folder.write(bytes, to: "svhn/test_32x32.mat")
    #expect(locator.status(of: .svhn).counts == [.train: 4, .test: 4])
    #expect(try locator.check(.svhn, split: .test).decoded == 4)
  }

  @Test func `a file of one image`() throws {
    #expect(try open(Fixture.bytes("svhn-one.mat")).count == 1)
  }

  @Test(arguments: [
    ("svhn-complex", "array y is not of real numbers"), ("svhn-float", "array X is not of bytes"),
    ("svhn-level-4", "too few"),
  ])
  func `other forms are refused by name`(name: String, reason: String) throws {
    let error = #expect(throws: DatasetError.self) {
      try open(Fixture.bytes("\(name).mat"))
    }
    #expect(error?.exitStatus == 65)
    #expect(error?.description.contains(reason) == true)
  }

  @Test(arguments: ["svhn-compressed.mat", "svhn-double.mat"])
  func `a file cut anywhere is refused`(name: String) throws {
    let bytes = try Fixture.bytes(name)
    for size in 0..<bytes.count {
      let error = #expect(throws: DatasetError.self) { try open(Array(bytes.prefix(size))) }
      #expect(error?.exitStatus == 65)
    }
  }

  @Test func `an uncompressed file cut in its header or its ends is refused`() throws {
    let bytes = try Fixture.bytes("svhn-plain.mat")
    let sizes =
      Array(0..<300) + Array(stride(from: 300, to: bytes.count, by: 997))
      + Array((bytes.count - 100)..<bytes.count)
    for size in sizes {
      #expect(throws: DatasetError.self) { try open(Array(bytes.prefix(size))) }
    }
  }

  /// zlib's checksum finds every flipped bit of a compressed array; what stands outside of one is
  /// text and tags.
  @Test func `flipped bits are refused or harmless`() throws {
    let bytes = try Fixture.bytes("svhn-compressed.mat")
    let whole = try open(bytes)
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 1 << UInt8(position % 8)
      guard let dataset = try? open(damaged) else { continue }
      for index in 0..<4 {
        #expect(try dataset.image(at: index) == whole.image(at: index), "byte \(position)")
      }
    }
  }

  @Test func `flipped bits of an uncompressed header never crash`() throws {
    let bytes = try Fixture.bytes("svhn-plain.mat")
    // The version, the tags of X, and all of y at the end.
    for bit in Array((116 * 8)..<(200 * 8)) + Array(((bytes.count - 80) * 8)..<(bytes.count * 8)) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      if let dataset = try? open(damaged) { #expect(dataset.count == 4) }
    }
  }

  @Test func `junk is refused`() throws {
    var junk = SplitMix64(seed: 3)
    let head = try Fixture.bytes("svhn-plain.mat").prefix(128)
    for size in 0..<150 {
      let bytes = junk.bytes(size)
      #expect(throws: DatasetError.self) { try open(bytes) }
      #expect(throws: DatasetError.self) { try open(head + bytes) }
    }
  }

  /// 4 GiB of zeros claimed, and as many more as deflate can pack into a few bytes.
  @Test func `an array that claims too much is refused without inflating it`() throws {
    let head = Array(try Fixture.bytes("svhn-plain.mat").prefix(128))
    let inner = matrix(name: "X", dimensions: [32, 32, 3, 1_000_000], dataBytes: 3_072_000_000)
    let packed = PNGWriter.deflated(inner + [UInt8](repeating: 0, count: 1_000_000))
    let error = #expect(throws: DatasetError.self) {
      try open(head + tag(15, packed.count) + packed)
    }
    #expect(error?.description.contains("not 32x32x3xN") == true)
  }

  @Test(arguments: [
    [32, 32, 3, 0], [32, 32, 3, -4], [32, 32, 4, 4], [16, 32, 3, 4], [32, 32], [32, 32, 3, 4, 1],
  ])
  func `other sizes are refused`(dimensions: [Int32]) throws {
    let head = Array(try Fixture.bytes("svhn-plain.mat").prefix(128))
    let inner =
      matrix(name: "X", dimensions: dimensions, dataBytes: 16) + [UInt8](repeating: 0, count: 16)
    #expect(throws: DatasetError.self) { try open(head + inner) }
  }

  @Test(arguments: [0, 11, 255] as [UInt8])
  func `labels other than 1 to 10 are refused`(label: UInt8) throws {
    var bytes = try Fixture.bytes("svhn-plain.mat")
    // y's four labels are the last eight bytes: a small element's data, or a padded one.
    let position = try #require(bytes.indices.suffix(8).first { bytes[$0] == 10 })
    bytes[position] = label
    let error = #expect(throws: DatasetError.self) { try open(bytes) }
    #expect(error?.description.contains("image 0") == true)
  }

  @Test func `more or fewer labels than images are refused`() throws {
    let one = try Fixture.bytes("svhn-one.mat")
    let four = try Fixture.bytes("svhn-compressed.mat")
    // X of one file, y of the other: elements are independent of each other.
    let (x, y) = (try elements(of: one)[0], try elements(of: four)[1])
    let error = #expect(throws: DatasetError.self) {
      try open(Array(one.prefix(128)) + x + y)
    }
    #expect(error?.description.contains("array y") == true)
    #expect(throws: DatasetError.self) { try open(Array(one.prefix(128)) + x) }
    #expect(throws: DatasetError.self) { try open(Array(one.prefix(128)) + y) }
  }

  // MARK: Writing

  private func word(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func tag(_ kind: Int, _ size: Int) -> [UInt8] {
    word(kind) + word(size)
  }

  /// A matrix of bytes up to its numbers' tag.
  private func matrix(name: String, dimensions: [Int32], dataBytes: Int) -> [UInt8] {
    let sizes = dimensions.flatMap { word(Int($0)) }
    let padding = [UInt8](repeating: 0, count: (8 - sizes.count % 8) % 8)
    let nameBytes = Array(name.utf8)
    let inner =
      tag(6, 8) + word(9) + word(0) + tag(5, sizes.count) + sizes + padding
      + word(1 | nameBytes.count << 16) + nameBytes
      + [UInt8](repeating: 0, count: 4 - nameBytes.count) + tag(2, dataBytes)
    return tag(14, inner.count + dataBytes) + inner
  }

  /// A file's top elements with their tags.
  private func elements(of bytes: [UInt8]) throws -> [[UInt8]] {
    var result: [[UInt8]] = []
    var position = 128
    while position < bytes.count {
      let element = try #require(MATElement(tag: Array(bytes[position..<(position + 8)])))
      let end = position + 8 + element.byteCount
      result.append(Array(bytes[position..<end]))
      position = end
    }
    return result
  }
}
