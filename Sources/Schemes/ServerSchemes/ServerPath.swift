import FeatureCoding

/// The server's part of one path: what its payloads mean, which graph they are for, and which of the
/// graph's outputs is the answer.
public struct ServerPath: Sendable {
  /// The bundle's name for the remote graph to run.
  public let graph: String
  /// The graph's input: float32 [N,channels,height,width].
  public let input: String
  /// The graph's output that is the answer: float32 [N, ``classCount``].
  public let logits: String
  public let classCount: Int
  /// Bytes of the longest payload.
  public let maximumPayloadBytes: Int
  let code: SymbolCode
  let values: FeatureValues

  init(
    graph: String, input: String, logits: String, classCount: Int, code: SymbolCode,
    values: FeatureValues
  ) {
    self.graph = graph
    self.input = input
    self.logits = logits
    self.classCount = classCount
    self.code = code
    self.values = values
    maximumPayloadBytes = code.worstCaseBytes
  }

  /// Symbols of one image, and elements of ``input`` for one item.
  public var symbolCount: Int { code.shape.count }

  /// For the payload of one request.
  public func makeDecoder() -> PayloadDecoder { PayloadDecoder(self) }

  /// Turns the symbols of one image into what ``input`` takes for one item, [channels,height,width];
  /// what did not come gets the bundle's values for it.
  ///
  /// - Parameter features: ``symbolCount`` elements, whatever they hold.
  public func write(_ payload: DecodedPayload, into features: UnsafeMutableBufferPointer<Float>) {
    payload.symbols.withUnsafeBytes { values.write($0, into: features) }
  }
}

/// A request's payload, decoded: the first symbols of an image.
public struct DecodedPayload: Equatable, Sendable {
  /// In scan order, each in its channel's table.
  let symbols: [UInt8]

  /// How many there are.
  public var symbolsUsed: Int { symbols.count }
}
