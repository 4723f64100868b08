import Crypto
import Foundation
import TestBundles
import Testing

@testable import Datasets

@Suite("Digits")
struct DigitsTests {
  /// SHA-256 of 64 records spread over a split. Any change here changes the data set that bundles
  /// were trained on.
  @Test(
    arguments: zip(
      Split.allCases,
      [
        "79b0881308440527909bc137711014a46457a76cdb2f6320028f5e7ddb5fb704",
        "5a507bba1ec5e3d58ae1a258700505f9e021b43abde73646cace398e03a940a8",
      ]))
  func `drawn images are the published ones`(split: Split, expected: String) {
    let digits = RenderedDigits(split: split)
    var hash = SHA256()
    for turn in 0..<64 {
      hash.update(data: digits.record(at: turn * digits.count / 64))
    }
    #expect(hash.finalize().map(SHA256Digest.hexadecimal).joined() == expected)
  }

  #if !DEBUG
    @Test func `the files written are the published ones`() throws {
      let folder = try TemporaryFolder()
      var reports: [Int] = []
      let files = try DigitsWriter.write(to: folder.url) { written, total in
        #expect(total == 22_000)
        reports.append(written)
      }
      #expect(files.map(\.digest) == Split.allCases.map(Digits.digest(of:)))
      #expect(reports == reports.sorted() && reports.last == 22_000)
      for file in files {
        #expect(try Digits.fileDigest(file.url) == file.digest)
      }
      let names = try FileManager.default.contentsOfDirectory(
        atPath: folder.url.appending(path: "digits").path)
      #expect(names.sorted() == ["SHA256SUMS", "digits-test.bin", "digits-train.bin"])
      let check = try DatasetLocator(root: folder.url).check(.digits, split: .test)
      #expect(check.isComplete)
    }
  #endif

  @Test(
    .enabled(if: RealData.has(.digits), "needs digits below $AGILENN_DATA"),
    arguments: Split.allCases)
  func `files hold what is drawn`(split: Split) throws {
    let url = RealData.locator.folder(of: .digits).appending(path: Digits.fileName(of: split))
    #expect(try Digits.fileDigest(url) == Digits.digest(of: split))
    let stored = try RealData.locator.open(.digits, split: split)
    let drawn = RenderedDigits(split: split)
    #expect(stored.count == drawn.count)
    #expect(stored.name == drawn.name)
    #expect(stored.labels == drawn.labels)
    for index in stride(from: 0, to: stored.count, by: stored.count / 30) {
      #expect(try stored.image(at: index) == drawn.image(at: index))
      #expect(try stored.label(at: index) == drawn.label(at: index))
    }
  }

  @Test func `a root that cannot be written is an error`() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("no folder", to: "file")
    let error = #expect(throws: DatasetError.self) { try DigitsWriter.write(to: file) }
    #expect(error?.exitStatus == 73)
    #expect(error?.description.hasPrefix("\(file.path)/digits cannot be written: ") == true)
  }

  @Test func `an image does not depend on those before it`() throws {
    let digits = RenderedDigits(split: .test)
    let last = try digits.image(at: 1_999)
    for index in 0..<5 { _ = try digits.image(at: index) }
    #expect(try digits.image(at: 1_999) == last)
    #expect(try RenderedDigits(split: .train).image(at: 1_999).pixels != last.pixels)
  }

  @Test func `no two images are equal and all labels occur`() throws {
    let digits = RenderedDigits(split: .test)
    var seen: Set<[UInt8]> = []
    var labels: Set<Int> = []
    for index in 0..<100 {
      let image = try digits.image(at: index)
      #expect(image.pixels.count == 3_072)
      #expect(image.index == index)
      #expect(image.name == "digits/test/\(index)")
      #expect(try digits.label(at: index) == image.label)
      seen.insert(image.pixels)
      labels.insert(try #require(image.label))
    }
    #expect(seen.count == 100)
    #expect(labels == Set(0...9))
  }

  @Test func `labels are spread evenly`() throws {
    let digits = RenderedDigits(split: .train)
    var counts = [Int](repeating: 0, count: 10)
    for index in 0..<digits.count {
      counts[try #require(try digits.label(at: index))] += 1
    }
    // Published with the data set; 2,000 each in the mean, standard deviation 42.
    #expect(counts == [2021, 1983, 1997, 1975, 1974, 2077, 1980, 1970, 2019, 2004])
  }

  @Test(arguments: [-1, 2_000, .max, .min])
  func `an index off the end is refused`(index: Int) {
    let digits = RenderedDigits(split: .test)
    let expected = DatasetError.indexOutOfRange(dataset: "digits/test", index: index, count: 2_000)
    #expect(throws: expected) { try digits.image(at: index) }
    #expect(throws: expected) { try digits.label(at: index) }
  }
}
