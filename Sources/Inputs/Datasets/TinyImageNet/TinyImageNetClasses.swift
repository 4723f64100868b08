import Foundation

/// The classes of Tiny ImageNet: WordNet numbers in label order and their names.
struct TinyImageNetClasses: Sendable {
  /// In the order of `wnids.txt`.
  let wnids: [String]
  /// In the same order: the first name that `words.txt` gives each.
  let names: [String]
  private let labels: [String: Int]

  init(in folder: URL) throws(DatasetError) {
    let list = folder.appending(path: "wnids.txt")
    wnids = try RecordFile.lines(of: list)
    var labels: [String: Int] = [:]
    for (label, wnid) in wnids.enumerated() {
      // A number becomes a folder's name, so that nothing but a number may stand there.
      guard wnid.first == "n", wnid.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber }) else {
        throw .corrupt(path: list.path, reason: "\(wnid) is not a WordNet number")
      }
      guard labels.updateValue(label, forKey: wnid) == nil else {
        throw .corrupt(path: list.path, reason: "\(wnid) stands there twice")
      }
    }
    self.labels = labels
    let words = folder.appending(path: "words.txt")
    var names: [String: String] = [:]
    for line in try RecordFile.lines(of: words) {
      let fields = line.split(separator: "\t", maxSplits: 1)
      guard fields.count == 2 else {
        throw .corrupt(path: words.path, reason: "a line without number and name: \(line)")
      }
      names[String(fields[0])] = fields[1].split(separator: ",").first.map(String.init)
    }
    self.names = wnids.map { names[$0] ?? $0 }
  }

  func label(of wnid: String) -> Int? {
    labels[wnid]
  }
}
