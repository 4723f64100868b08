import FeatureCoding

/// What a path's payloads are made of.
enum PathContent: Sendable {
  case features(SymbolCode, FeatureValues)
  case picture(PictureCode)

  /// Symbols of one image.
  var symbolCount: Int {
    switch self {
    case .features(let code, _): code.shape.count
    case .picture(let code): code.symbolCount
    }
  }

  /// Elements of the remote graph's input for one item.
  var featureCount: Int {
    switch self {
    case .features(let code, _): code.shape.count
    case .picture(let code): 3 * code.width * code.height
    }
  }

  /// Bytes of the longest payload.
  var worstCaseBytes: Int {
    switch self {
    case .features(let code, _): code.worstCaseBytes
    case .picture(let code): code.worstCaseBytes
    }
  }

  func makeReader() -> any PayloadReader {
    switch self {
    case .features(let code, let values): return SymbolReader(code, values)
    case .picture(let code):
      if case .scan(let settings) = code.format { return JPEGScanReader(code, settings) }
      return FileReader(code)
    }
  }

  func write(_ payload: DecodedPayload, into features: UnsafeMutableBufferPointer<Float>) {
    switch (self, payload.content) {
    case (.features(_, let values), .symbols(let symbols)):
      symbols.withUnsafeBytes { values.write($0, into: features) }
    case (.picture, .picture(let picture)): PictureCode.write(picture, into: features)
    default: preconditionFailure("a payload of another path")
    }
  }
}
