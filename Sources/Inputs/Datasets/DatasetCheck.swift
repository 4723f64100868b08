import Crypto
import Foundation

/// What a thorough look at one split found: `agilenn-lab data check`.
public struct DatasetCheck: Equatable, Sendable {
  public let dataset: DatasetName
  public let split: Split
  /// Images that are there.
  public let count: Int
  /// Images that the publisher's split has.
  public let publishedCount: Int
  /// Images of each class, by label.
  public let imagesPerLabel: [Int]
  /// Images that were decoded.
  public let decoded: Int

  /// Whether every image of the publisher's is there.
  public var isComplete: Bool { count == publishedCount }
}

extension DatasetLocator {
  /// Opens a split, looks at every label, and decodes images spread over the whole.
  ///
  /// - Parameter sample: how many images to decode at most.
  /// - Throws: ``DatasetError`` at the first thing that is wrong. Files of Digits must be the
  ///   published ones to the bit.
  public func check(
    _ name: DatasetName, split: Split, sample: Int = 500
  ) throws -> DatasetCheck {
    let dataset = try open(name, split: split)
    var imagesPerLabel = [Int](repeating: 0, count: dataset.labels.count)
    for index in 0..<dataset.count {
      if let label = try dataset.label(at: index) {
        imagesPerLabel[label] += 1
      }
    }
    let decoded = min(sample, dataset.count)
    for turn in 0..<decoded {
      _ = try dataset.image(at: turn * dataset.count / decoded)
    }
    if name == .digits {
      try checkDigest(of: split)
    }
    return DatasetCheck(
      dataset: name, split: split, count: dataset.count,
      publishedCount: name.publishedCount(of: split), imagesPerLabel: imagesPerLabel,
      decoded: decoded)
  }

  private func checkDigest(of split: Split) throws(DatasetError) {
    let url = folder(of: .digits).appending(path: Digits.fileName(of: split))
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    let digest = try Digits.fileDigest(url)
    guard digest == Digits.digest(of: split) else {
      throw .corrupt(
        path: url.path,
        reason: "SHA-256 \(digest) in place of \(Digits.digest(of: split)); "
          + "`agilenn-lab data render` writes it anew")
    }
  }
}

extension Digits {
  /// A file's SHA-256 in hexadecimal.
  static func fileDigest(_ url: URL) throws(DatasetError) -> String {
    let file = try RecordFile(url)
    var hash = SHA256()
    let chunk = 1 << 20
    for offset in stride(from: 0, to: file.size, by: chunk) {
      hash.update(data: try file.read(at: offset, count: min(chunk, file.size - offset)))
    }
    return hash.finalize().map(SHA256Digest.hexadecimal).joined()
  }
}
