public import FeatureCoding

/// What the device program's own work costs beside the operators, in cycles.
public struct ProgramCost: Equatable, Sendable {
  /// For each feature value mapped to a symbol by table.
  public let quantisePerSymbol: Double
  /// LZW's and the range coder's cost; symbols that are not coded cost no more than the quantiser.
  private let lzw: CoderCost
  private let range: CoderCost
  public let jpeg: JPEGCost
  /// For each transmission: its frames, and the device program's turns from one event to the next.
  public let framePerFrame: Double
  /// For each byte that goes to or comes from the radio module.
  public let framePerByte: Double
  /// For each answer, and for each question to an exit: the program's turn, and taking the server's
  /// frame apart.
  public let answerPerAnswer: Double
  /// For each logit, the device's and the server's, that is dequantised, weighed, added and compared.
  public let answerPerLogit: Double

  init(reading node: ConfigNode) throws(ConfigError) {
    let keys = try node.mapping(required: ["quantise", "encode", "frame", "answer"])
    let quantise = try keys.value("quantise").mapping(required: ["symbol"])
    quantisePerSymbol = try quantise.value("symbol").number(in: 0...1e9)
    let encode = try keys.value("encode").mapping(required: ["lzw", "range", "jpeg"])
    lzw = try CoderCost(reading: encode.value("lzw"), hasReferences: false)
    range = try CoderCost(reading: encode.value("range"), hasReferences: true)
    jpeg = try JPEGCost(reading: encode.value("jpeg"))
    let frame = try keys.value("frame").mapping(required: ["setup", "byte"])
    framePerFrame = try frame.value("setup").number(in: 0...1e9)
    framePerByte = try frame.value("byte").number(in: 0...1e9)
    let answer = try keys.value("answer").mapping(required: ["setup", "logit"])
    answerPerAnswer = try answer.value("setup").number(in: 0...1e9)
    answerPerLogit = try answer.value("logit").number(in: 0...1e9)
  }
}

extension ProgramCost {
  /// What a coder costs.
  public func cost(of coder: Coder) -> CoderCost {
    switch coder {
    case .raw: CoderCost(perSymbol: 0, perReference: 0, perByte: 0)
    case .lzw: lzw
    case .range: range
    }
  }
}

/// What coding costs, in cycles.
public struct CoderCost: Equatable, Sendable {
  /// For each symbol that the coder takes in.
  public let perSymbol: Double
  /// For each symbol of an earlier channel that a context depends on.
  public let perReference: Double
  /// For each byte that it gives out.
  public let perByte: Double

  init(perSymbol: Double, perReference: Double, perByte: Double) {
    self.perSymbol = perSymbol
    self.perReference = perReference
    self.perByte = perByte
  }

  init(reading node: ConfigNode, hasReferences: Bool) throws(ConfigError) {
    let keys = try node.mapping(
      required: hasReferences ? ["symbol", "reference", "byte"] : ["symbol", "byte"])
    perSymbol = try keys.value("symbol").number(in: 0...1e9)
    perReference = hasReferences ? try keys.value("reference").number(in: 0...1e9) : 0
    perByte = try keys.value("byte").number(in: 0...1e9)
  }
}
