import FeatureCoding

/// The coder of a path, as its bundle describes it.
enum PathCoder: Equatable, Sendable {
  case raw(alphabetSize: Int)
  case lzw(alphabetSize: Int)

  /// The most bytes that so many symbols can take.
  func worstCaseBytes(symbols: Int) -> Int {
    switch self {
    case .raw: symbols
    case .lzw(let alphabetSize):
      LZWEncoder.worstCaseBytes(symbols: symbols, alphabetSize: alphabetSize)
    }
  }
}
