import Foundation
import TestBundles
import Testing

@testable import Datasets

@Suite("Finding data sets")
struct DatasetLocatorTests {
  @Test func `the folder named, else the variable, else the cache`() {
    let named = URL(fileURLWithPath: "/data/sets")
    let environment = ["AGILENN_DATA": "/somewhere", "HOME": "/home/me"]
    #expect(DatasetLocator(root: named, environment: environment).root == named)
    #expect(DatasetLocator(environment: environment).root.path == "/somewhere")
    #expect(
      DatasetLocator(environment: ["HOME": "/home/me"]).root.path
        == "/home/me/.cache/agilenn/datasets")
    #expect(
      DatasetLocator(environment: ["HOME": "/home/me", "AGILENN_DATA": ""]).root.path
        == "/home/me/.cache/agilenn/datasets")
  }

  @Test(arguments: [DatasetName.cifar10, .cifar100, .svhn, .tinyimagenet], Split.allCases)
  func `what is not there says how to get it`(name: DatasetName, split: Split) throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: DatasetError.self) {
      try DatasetLocator(root: folder.url).open(name, split: split)
    }
    let text = try #require(error?.description)
    #expect(error?.exitStatus == 66)
    #expect(text.hasPrefix("data set \(name.rawValue) is not there"))
    #expect(text.contains("scripts/datasets \(name.rawValue)"))
    #expect(text.contains("--data") && text.contains("$AGILENN_DATA"))
    #expect(!text.contains("\n"))
  }

  @Test func `an empty root has Digits alone`() throws {
    let folder = try TemporaryFolder()
    let status = DatasetLocator(root: folder.url).status()
    #expect(status.map(\.name) == DatasetName.allCases)
    for entry in status {
      if entry.name == .digits {
        #expect(entry.state == .drawnInMemory)
        #expect(entry.counts == [.train: 20_000, .test: 2_000])
      } else {
        guard case .missing = entry.state else {
          Issue.record("\(entry)")
          continue
        }
        #expect(entry.counts.isEmpty)
      }
      #expect(entry.folder == folder.url.appending(path: entry.name.folder))
    }
  }

  @Test func `a broken set says so`() throws {
    let folder = try TemporaryFolder()
    try folder.write("short", to: "digits/digits-train.bin")
    let locator = DatasetLocator(root: folder.url)
    guard case .broken(let reason) = locator.status(of: .digits).state else {
      Issue.record("not found broken")
      return
    }
    #expect(reason.contains("no multiple of the 3073"))
  }

  @Test func `Digits' files must be the published ones`() throws {
    let folder = try TemporaryFolder()
    let record = RenderedDigits(split: .test).record(at: 0)
    try folder.write(record, to: "digits/digits-test.bin")
    let error = #expect(throws: DatasetError.self) {
      try DatasetLocator(root: folder.url).check(.digits, split: .test)
    }
    #expect(error?.description.contains("SHA-256") == true)
  }

  @Test(arguments: DatasetName.allCases.filter { $0 != .svhn }, Split.allCases)
  func `published files`(name: DatasetName, split: Split) throws {
    guard RealData.has(name) else {
      print("skipped: no \(name.rawValue) below $AGILENN_DATA")
      return
    }
    #if DEBUG
      let (dataset, sample) = (try RealData.locator.open(name, split: split), 20)
      #expect(dataset.count <= name.publishedCount(of: split))
      for turn in 0..<sample {
        let image = try dataset.image(at: turn * dataset.count / sample)
        let label = try #require(image.label)
        #expect(dataset.labels.indices.contains(label))
        #expect((image.width, image.height) == dataset.imageSize)
      }
    #else
      let check = try RealData.locator.check(name, split: split)
      #expect(check.imagesPerLabel.reduce(0, +) == check.count)
      #expect(check.imagesPerLabel.allSatisfy { $0 > 0 })
      #expect(check.decoded == 500)
    #endif
  }
}
