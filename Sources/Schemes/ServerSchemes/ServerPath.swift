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
  let content: PathContent

  init(graph: String, input: String, logits: String, classCount: Int, content: PathContent) {
    self.graph = graph
    self.input = input
    self.logits = logits
    self.classCount = classCount
    self.content = content
    maximumPayloadBytes = content.worstCaseBytes
  }

  /// Symbols of one image.
  public var symbolCount: Int { content.symbolCount }

  /// Elements of ``input`` for one item.
  public var featureCount: Int { content.featureCount }

  /// For the payload of one request.
  public func makeDecoder() -> PayloadDecoder { PayloadDecoder(self) }

  /// Turns one image's payload into what ``input`` takes for one item, [channels,height,width];
  /// what did not come gets the bundle's values for it.
  ///
  /// - Parameter features: ``featureCount`` elements, whatever they hold.
  public func write(_ payload: DecodedPayload, into features: UnsafeMutableBufferPointer<Float>) {
    content.write(payload, into: features)
  }
}
