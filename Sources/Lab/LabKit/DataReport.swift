public import Datasets
import Foundation
import Report

/// What `agilenn-lab data` prints.
public enum DataReport {
  /// A line for each data set: images by split, where it is, or how to get it.
  public static func list(_ locator: DatasetLocator) -> String {
    var table = TextTable(header: ["data set", "train", "test"])
    let states = locator.status()
    for status in states {
      table.add([status.name.rawValue] + Split.allCases.map { count(status.counts[$0]) })
    }
    let rows = table.text.split(separator: "\n")
    let notes = [""] + states.map(note)
    return zip(rows, notes).map { row, note in
      note.isEmpty ? "\(row)\n" : "\(row)  \(note)\n"
    }.joined()
  }

  /// The sets that can be used.
  public static func present(_ locator: DatasetLocator) -> [DatasetName] {
    locator.status().filter { status in
      if case .missing = status.state { false } else { true }
    }.map(\.name)
  }

  /// The line for one split that was checked.
  public static func line(for check: DatasetCheck) -> String {
    let classes = check.imagesPerLabel
    let least = classes.min() ?? 0
    let most = classes.max() ?? 0
    let spread = least == most ? "\(least)" : "\(least) to \(most)"
    let whole =
      check.isComplete ? "complete" : "\(check.count) of \(check.publishedCount) images"
    return "\(check.dataset.rawValue) \(check.split.rawValue): \(whole), \(check.count) images, "
      + "\(classes.count) classes of \(spread), \(check.decoded) decoded\n"
  }

  private static func count(_ images: Int?) -> String {
    images.map(String.init) ?? "-"
  }

  private static func note(_ status: DatasetStatus) -> String {
    switch status.state {
    case .found: status.folder.path
    case .drawnInMemory: "drawn when asked for"
    case .missing(let hint): "missing: \(hint)"
    case .broken(let reason): "broken: \(reason)"
    }
  }
}
