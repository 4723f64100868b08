import Foundation

/// The Digits data set: numbers in the manner of SVHN, drawn by this project. Its files and its
/// images drawn on the spot are the same bytes.
enum Digits {
  static let labels = (0...9).map(String.init)

  /// A split's seed: "AGILENN" and a number, in ASCII.
  static func seed(of split: Split) -> UInt64 {
    switch split {
    case .train: 0x4147_494C_454E_4E01
    case .test: 0x4147_494C_454E_4E02
    }
  }

  /// The file that holds a split in CIFAR-10's binary layout.
  static func fileName(of split: Split) -> String {
    "digits-\(split.rawValue).bin"
  }

  /// SHA-256 of that file. Trained bundles rest on these bytes.
  static func digest(of split: Split) -> String {
    switch split {
    case .train: "c01abd8c383ebe0c98a9b3256d9971e027a354ce357bbcdb658a5b3bd15f4a01"
    case .test: "585c726d1dae5b9eb3456b9a8b33c903247a7175c910e43542ed6e2b3b321d9a"
    }
  }

  /// The split out of its file in `folder`, or drawn where there is none.
  static func open(in folder: URL, split: Split) throws(DatasetError) -> any ImageDataset {
    let file = folder.appending(path: fileName(of: split))
    guard FileManager.default.fileExists(atPath: file.path) else {
      return RenderedDigits(split: split)
    }
    return try RecordDataset(
      name: "\(DatasetName.digits.rawValue)/\(split.rawValue)", labels: labels, layout: .oneLabel,
      files: [file])
  }
}
