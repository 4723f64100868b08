import Foundation
import TestBundles
import Testing

@testable import Datasets

@Suite("Tiny ImageNet")
struct TinyImageNetTests {
  private let folder: TemporaryFolder
  private var locator: DatasetLocator { DatasetLocator(root: folder.url) }
  private let top = "tiny-imagenet-200"

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("n02\nn01\n", to: "\(top)/wnids.txt")
    try folder.write("n01\tgoldfish, Carassius auratus\nn99\tother\n", to: "\(top)/words.txt")
    for wnid in ["n01", "n02"] {
      for number in [10, 2] {
        try write(level: UInt8(number), to: "train/\(wnid)/images/\(wnid)_\(number).JPEG")
      }
      try folder.write("0 0 1 1\n", to: "\(top)/train/\(wnid)/\(wnid)_boxes.txt")
    }
    try write(level: 70, to: "val/images/val_0.JPEG")
    try write(level: 80, to: "val/images/val_1.JPEG")
    try annotate("val_1.JPEG\tn01\t0\t0\t1\t1\nval_0.JPEG\tn02\t0\t0\t1\t1\n")
  }

  private func annotate(_ text: String) throws {
    try folder.write(text, to: "\(top)/val/val_annotations.txt")
  }

  /// The format is found by the first bytes, so that a PNG, which is exact, will do.
  private func write(level: UInt8, side: Int = 64, to path: String) throws {
    let row = [UInt8](repeating: level, count: side)
    let png = PNGWriter.png(
      width: UInt32(side), height: UInt32(side), .grey,
      rows: [[UInt8]](repeating: row, count: side))
    try folder.write(png, to: "\(top)/\(path)")
  }

  @Test func `training folders in the order of wnids`() throws {
    let dataset = try locator.open(.tinyimagenet, split: .train)
    #expect(dataset.name == "tinyimagenet/train")
    #expect(dataset.count == 4)
    #expect(dataset.imageSize == (64, 64))
    #expect(dataset.labels == ["n02", "goldfish"])
    #expect(try (0..<4).map { try dataset.label(at: $0) } == [0, 0, 1, 1])
    let images = try (0..<4).map { try dataset.image(at: $0) }
    #expect(images.map(\.name) == ["n02_10.JPEG", "n02_2.JPEG", "n01_10.JPEG", "n01_2.JPEG"])
    #expect(images.map { $0.pixels[100] } == [10, 2, 10, 2])
    #expect(images.map(\.index) == [0, 1, 2, 3])
  }

  @Test func `validation images by their annotations`() throws {
    let dataset = try locator.open(.tinyimagenet, split: .test)
    let images = try (0..<dataset.count).map { try dataset.image(at: $0) }
    #expect(images.map(\.label) == [1, 0])
    #expect(images.map { $0.pixels[0] } == [80, 70])
  }

  @Test(arguments: [
    "val_0.JPEG", "val_0.JPEG\tn77\n", "../x.JPEG\tn01\n", "..\tn01\n", "a/b.JPEG\tn01\n", "",
  ])
  func `wrong annotations are refused`(text: String) throws {
    try annotate(text)
    let error = #expect(throws: DatasetError.self) {
      try locator.open(.tinyimagenet, split: .test)
    }
    #expect(error?.exitStatus == 65)
  }

  @Test(arguments: ["../etc\n", "n01\nn01\n", "n0/1\n", "goldfish\n"])
  func `wrong class lists are refused`(text: String) throws {
    try folder.write(text, to: "\(top)/wnids.txt")
    let error = #expect(throws: DatasetError.self) {
      try locator.open(.tinyimagenet, split: .train)
    }
    #expect(error?.exitStatus == 65)
  }

  @Test func `a class without its folder`() throws {
    try folder.write("n01\nn02\nn03\n", to: "\(top)/wnids.txt")
    let error = #expect(throws: DatasetError.self) {
      try locator.open(.tinyimagenet, split: .train)
    }
    #expect(error?.exitStatus == 66)
  }

  @Test func `an image of another size is refused`() throws {
    try write(level: 1, side: 32, to: "val/images/val_1.JPEG")
    let dataset = try locator.open(.tinyimagenet, split: .test)
    let error = #expect(throws: DatasetError.self) { try dataset.image(at: 0) }
    #expect(error?.description.contains("32x32 pixels in place of 64x64") == true)
    #expect(try dataset.image(at: 1).label == 0)
  }

  @Test func `an image that is not there`() throws {
    try annotate("val_5.JPEG\tn01\n")
    let dataset = try locator.open(.tinyimagenet, split: .test)
    let error = #expect(throws: DatasetError.self) { try dataset.image(at: 0) }
    #expect(error?.exitStatus == 66)
  }
}
