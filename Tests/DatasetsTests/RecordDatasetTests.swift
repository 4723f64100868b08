import Foundation
import TestBundles
import Testing

@testable import Datasets

@Suite("CIFAR's binary form")
struct RecordDatasetTests {
  private let folder: TemporaryFolder
  private var locator: DatasetLocator { DatasetLocator(root: folder.url) }

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A record whose red plane holds `value`, green `value` + 1, blue row numbers.
  private func record(labels: [UInt8], _ value: UInt8) -> [UInt8] {
    labels + [UInt8](repeating: value, count: 1_024) + [UInt8](repeating: value + 1, count: 1_024)
      + (0..<1_024).map { UInt8($0 / 32) }
  }

  private func writeTen(labels: [UInt8] = [0, 9], into file: String = "test_batch.bin") throws {
    let records = labels.enumerated().flatMap { record(labels: [$1], UInt8($0 * 10)) }
    try folder.write(records, to: "cifar-10-batches-bin/\(file)")
    try folder.write(
      "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n",
      to: "cifar-10-batches-bin/batches.meta.txt")
  }

  @Test func `CIFAR-10's test split`() throws {
    try writeTen()
    let dataset = try locator.open(.cifar10, split: .test)
    #expect(dataset.name == "cifar10/test")
    #expect(dataset.count == 2)
    #expect(dataset.imageSize == (32, 32))
    #expect(dataset.labels.count == 10 && dataset.labels[9] == "truck")
    let image = try dataset.image(at: 1)
    #expect(image.label == 9)
    #expect(image.name == "cifar10/test/1")
    #expect(image.index == 1)
    for row in 0..<32 {
      for column in 0..<32 {
        let pixel = (row * 32 + column) * 3
        #expect(Array(image.pixels[pixel..<(pixel + 3)]) == [10, 11, UInt8(row)])
      }
    }
  }

  @Test func `CIFAR-10's training batches follow one another`() throws {
    for batch in 1...5 {
      let labels = [UInt8](repeating: UInt8(batch), count: batch)
      try writeTen(labels: labels, into: "data_batch_\(batch).bin")
    }
    let dataset = try locator.open(.cifar10, split: .train)
    let labels = try (0..<dataset.count).map { try #require(try dataset.label(at: $0)) }
    #expect(labels == (1...5).flatMap { [Int](repeating: $0, count: $0) })
    #expect(
      try (0..<15).map { try dataset.image(at: $0).pixels[0] }.suffix(5) == [0, 10, 20, 30, 40])
  }

  @Test func `CIFAR-100's fine labels`() throws {
    let records = record(labels: [19, 99], 5) + record(labels: [0, 42], 6)
    try folder.write(records, to: "cifar-100-binary/test.bin")
    try folder.write(records, to: "cifar-100-binary/train.bin")
    try folder.write(
      (0..<100).map { "class_\($0)\n" }.joined(), to: "cifar-100-binary/fine_label_names.txt")
    for split in Split.allCases {
      let dataset = try locator.open(.cifar100, split: split)
      #expect(dataset.count == 2)
      #expect(dataset.labels[42] == "class_42")
      #expect(try dataset.image(at: 0).label == 99)
      #expect(try dataset.label(at: 1) == 42)
      #expect(try Array(dataset.image(at: 1).pixels.prefix(3)) == [6, 7, 0])
    }
  }

  @Test func `Digits from a file`() throws {
    try folder.write(record(labels: [7], 1), to: "digits/digits-test.bin")
    let dataset = try locator.open(.digits, split: .test)
    #expect(dataset.count == 1)
    #expect(try dataset.image(at: 0).label == 7)
    // The other split has no file and is drawn.
    #expect(try locator.open(.digits, split: .train).count == 20_000)
  }

  @Test func `every size that is no whole number of records is refused`() throws {
    try writeTen()
    let file = "cifar-10-batches-bin/test_batch.bin"
    let whole = record(labels: [1], 0)
    for size in [0, 1, 1_000, 3_072, 3_074, 6_145] {
      let url = try folder.write(Array((whole + whole).prefix(size)), to: file)
      let error = #expect(throws: DatasetError.self) {
        try locator.open(.cifar10, split: .test)
      }
      #expect(error?.exitStatus == 65)
      #expect(error?.description.hasPrefix("\(url.path) is corrupt") == true)
    }
  }

  @Test func `a label off the end is refused`() throws {
    try writeTen(labels: [3, 10, 255])
    let dataset = try locator.open(.cifar10, split: .test)
    #expect(try dataset.label(at: 0) == 3)
    for index in 1...2 {
      #expect(throws: DatasetError.self) { try dataset.image(at: index) }
      #expect(throws: DatasetError.self) { try dataset.label(at: index) }
    }
    #expect(throws: DatasetError.self) { try locator.check(.cifar10, split: .test) }
  }

  @Test func `a file that shrinks while it is open is an error`() throws {
    try writeTen()
    let dataset = try locator.open(.cifar10, split: .test)
    let path = folder.url.appending(path: "cifar-10-batches-bin/test_batch.bin").path
    #expect(truncate(path, 4_000) == 0)
    #expect(try dataset.image(at: 0).label == 0)
    let error = #expect(throws: DatasetError.self) { try dataset.image(at: 1) }
    #expect(error?.description == "\(path) is corrupt: it ends at byte 4000")
  }

  @Test(arguments: [
    "", "airplane\n", String(repeating: "x\n", count: 11), "\u{0}",
  ])
  func `class names must be ten`(text: String) throws {
    try writeTen()
    try folder.write(text, to: "cifar-10-batches-bin/batches.meta.txt")
    let error = #expect(throws: DatasetError.self) { try locator.open(.cifar10, split: .test) }
    #expect(error?.exitStatus == 65)
  }

  @Test func `class names must be text`() throws {
    try writeTen()
    try folder.write([0xFF, 0xFE, 0x0A], to: "cifar-10-batches-bin/batches.meta.txt")
    #expect(throws: DatasetError.self) { try locator.open(.cifar10, split: .test) }
  }

  @Test(arguments: [-1, 2, .max])
  func `an index off the end is refused`(index: Int) throws {
    try writeTen()
    let dataset = try locator.open(.cifar10, split: .test)
    let error = #expect(throws: DatasetError.self) { try dataset.image(at: index) }
    #expect(error?.exitStatus == 64)
  }

  @Test func `images may be read from many tasks at once`() async throws {
    try writeTen(labels: (0..<10).map { UInt8($0) })
    let dataset = try locator.open(.cifar10, split: .test)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for turn in 0..<200 {
        group.addTask {
          let image = try dataset.image(at: turn % 10)
          return image.label == turn % 10 && image.pixels[0] == UInt8(turn % 10 * 10)
        }
      }
      for try await right in group { #expect(right) }
    }
  }
}
