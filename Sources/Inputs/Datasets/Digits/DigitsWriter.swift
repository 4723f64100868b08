import Crypto
public import Foundation

/// Writes the Digits data set as files in CIFAR-10's binary layout, for training and for whoever
/// wants to look at it.
public enum DigitsWriter {
  /// One file that was written.
  public struct File: Equatable, Sendable {
    public let split: Split
    /// Where it lies.
    public let url: URL
    /// How many images it holds.
    public let count: Int
    /// SHA-256 in hexadecimal. ``DigitsWriter/write(to:progress:)`` has compared it with the
    /// published one.
    public let digest: String
  }

  /// Writes `digits/digits-train.bin`, `digits/digits-test.bin` and their digests in
  /// `digits/SHA256SUMS` below the data root. Each file appears under its name only when it is
  /// whole and right.
  ///
  /// - Parameters:
  ///   - root: the data root; created if it is not there.
  ///   - progress: called now and then with the images written and their total.
  /// - Throws: ``DatasetError``: `unwritable` if a file cannot be written, `corrupt` if what was
  ///   drawn is not the published data set.
  public static func write(
    to root: URL, progress: (_ written: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(DatasetError) -> [File] {
    let folder = root.appending(path: DatasetName.digits.folder)
    try DatasetError.attempt(folder) {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    let total = Split.allCases.map { DatasetName.digits.publishedCount(of: $0) }.reduce(0, +)
    var written = 0
    var files: [File] = []
    for split in Split.allCases {
      files.append(
        try write(split, into: folder) { records in
          written += records
          progress(written, total)
        })
    }
    let sums = files.map { "\($0.digest)  \($0.url.lastPathComponent)\n" }.joined()
    let list = folder.appending(path: "SHA256SUMS")
    try DatasetError.attempt(list) { try Data(sums.utf8).write(to: list, options: .atomic) }
    return files
  }

  private static func write(
    _ split: Split, into folder: URL, progress: (Int) -> Void
  ) throws(DatasetError) -> File {
    let digits = RenderedDigits(split: split)
    let url = folder.appending(path: Digits.fileName(of: split))
    let partial = folder.appending(path: Digits.fileName(of: split) + ".partial")
    // Nothing is left of a file that could not be completed; once it has its name, this finds none.
    defer { try? FileManager.default.removeItem(at: partial) }
    var hash = SHA256()
    let chunk = 500
    try DatasetError.attempt(partial) {
      try Data().write(to: partial)
      let handle = try FileHandle(forWritingTo: partial)
      defer { try? handle.close() }
      for first in stride(from: 0, to: digits.count, by: chunk) {
        let indices = first..<min(first + chunk, digits.count)
        let records = Data(indices.flatMap { digits.record(at: $0) })
        hash.update(data: records)
        try handle.write(contentsOf: records)
        progress(indices.count)
      }
      try handle.synchronize()
    }
    let digest = hash.finalize().map(SHA256Digest.hexadecimal).joined()
    guard digest == Digits.digest(of: split) else {
      throw .corrupt(
        path: url.path,
        reason: "what was drawn has SHA-256 \(digest), the data set \(Digits.digest(of: split))")
    }
    try DatasetError.attempt(url) {
      if rename(partial.path, url.path) != 0 {
        throw DatasetError.unwritable(path: url.path, reason: String(cString: strerror(errno)))
      }
    }
    return File(split: split, url: url, count: digits.count, digest: digest)
  }
}

extension SHA256Digest {
  /// One byte as two digits.
  static func hexadecimal(_ byte: UInt8) -> String {
    let digits = Array("0123456789abcdef")
    return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
  }
}
