import BundleFormat
import FeatureCoding
import SeededRandom
import Testing

/// The tiny bundle's path with each coder, and payloads for it.
struct PathCode: CustomTestStringConvertible, Sendable {
  let coder: Coder
  /// The range coder's, fitted to images like those of ``symbols(_:)``.
  let tables: [UInt8]?

  static let shape = SymbolShape(height: 4, width: 4, channels: 5)
  static let alphabetSize = 8

  static let all = Coder.allCases.map { coder in
    PathCode(coder: coder, tables: coder == .range ? fitted : nil)
  }

  private static let fitted: [UInt8]? = try? RangeFitter.fit(
    (1000..<1050).map { symbols($0) }, shape: shape, alphabetSize: alphabetSize, contexts: 16)

  var testDescription: String { coder.name.description }

  var code: SymbolCode {
    get throws {
      try SymbolCode(
        coder, shape: Self.shape, alphabetSize: Self.alphabetSize, tables: tables)
    }
  }

  /// The bundle with this coder, and what stands for channels that did not come.
  func open(missing: [Double] = [0], _ body: (ModelBundle) throws -> Void) throws {
    var description: [String: Any] = ["name": coder.name.description]
    if tables != nil { description["tables"] = ["file": "coder.bin"] }
    try TinyFeatures.sending(
      tables: tables, ["coder": description, "missing": missing], body)
  }

  /// Symbols of an image whose pixels are like their neighbours.
  static func symbols(_ seed: Int, below limit: Int = 8) -> [UInt8] {
    var random = SplitMix64(seed: UInt64(seed) + 3)
    var last = 0
    return (0..<shape.count).map { _ in
      if Int.random(in: 0..<3, using: &random) == 0 {
        last = Int.random(in: 0..<limit, using: &random)
      }
      return UInt8(last)
    }
  }
}
