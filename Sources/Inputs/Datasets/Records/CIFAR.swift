import Foundation

/// CIFAR-10 and CIFAR-100 as their publisher's binary archives unpack (A. Krizhevsky, "Learning
/// Multiple Layers of Features from Tiny Images", 2009).
enum CIFAR {
  /// - Parameter folder: `cifar-10-batches-bin`.
  static func ten(in folder: URL, split: Split) throws(DatasetError) -> RecordDataset {
    let files =
      split == .train ? (1...5).map { "data_batch_\($0).bin" } : ["test_batch.bin"]
    return try RecordDataset(
      name: "\(DatasetName.cifar10.rawValue)/\(split.rawValue)",
      labels: labels(in: folder.appending(path: "batches.meta.txt"), count: 10),
      layout: .oneLabel, files: files.map { folder.appending(path: $0) })
  }

  /// - Parameter folder: `cifar-100-binary`.
  static func hundred(in folder: URL, split: Split) throws(DatasetError) -> RecordDataset {
    try RecordDataset(
      name: "\(DatasetName.cifar100.rawValue)/\(split.rawValue)",
      labels: labels(in: folder.appending(path: "fine_label_names.txt"), count: 100),
      layout: .coarseThenFine,
      files: [folder.appending(path: split == .train ? "train.bin" : "test.bin")])
  }

  private static func labels(in file: URL, count: Int) throws(DatasetError) -> [String] {
    let names = try RecordFile.lines(of: file)
    guard names.count == count else {
      throw .corrupt(path: file.path, reason: "\(names.count) class names in place of \(count)")
    }
    return names
  }
}
