public import FeatureCoding
public import MCUKernels

/// The cycles that a kernel library's operators take on a Cortex-M7, from
/// `Config/kernels/NAME.yaml`. How the figures came to be, and how far they miss: `docs/clock.md`.
public struct KernelPreset: Equatable, Sendable {
  public let name: String
  /// Where the figures are from, in a line.
  public let source: String
  /// Whether they are estimates rather than a fit to measured times.
  public let isEstimate: Bool
  public let program: ProgramCost
  private let operators: [OperatorClass: OperatorCost]

  /// The cost of one class of operator, in cycles.
  public func cost(of operatorClass: OperatorClass) -> OperatorCost {
    guard let cost = operators[operatorClass] else {
      preconditionFailure("a preset was built without a cost for \(operatorClass.rawValue)")
    }
    return cost
  }

  /// The cycles of one operator.
  public func cycles(for geometry: OperatorGeometry) -> Int {
    whole(cost(of: OperatorClass(of: geometry)).cycles(for: geometry))
  }

  /// The cycles of a whole graph, one operator after another.
  public func cycles(for graph: some Sequence<OperatorGeometry>) -> Int {
    graph.reduce(0) { $0 + cycles(for: $1) }
  }

  /// The cycles of mapping feature values to symbols by table.
  public func cycles(quantising symbols: Int) -> Int {
    whole(program.quantisePerSymbol * Double(symbols))
  }

  /// The cycles of coding `symbols` symbols into `bytes` bytes.
  ///
  /// - Parameter references: symbols of earlier channels that the contexts looked at.
  public func cycles(
    encoding symbols: Int, references: Int, into bytes: Int, by coder: Coder
  ) -> Int {
    let cost = program.cost(of: coder)
    return whole(
      cost.perSymbol * Double(symbols) + cost.perReference * Double(references)
        + cost.perByte * Double(bytes))
  }

  /// The cycles of coding blocks of 8x8 samples, made from so many pixels, into a JPEG's scan of
  /// `bytes` bytes.
  public func cycles(encodingBlocks blocks: Int, ofPixels pixels: Int, into bytes: Int) -> Int {
    let cost = program.jpeg
    return whole(
      cost.perPixel * Double(pixels) + cost.perBlock * Double(blocks)
        + cost.perByte * Double(bytes))
  }

  /// The cycles of building a transmission of `bytes` bytes and of handing it to the radio module.
  public func cycles(framing bytes: Int) -> Int {
    whole(program.framePerFrame + program.framePerByte * Double(bytes))
  }

  /// The cycles of answering, or of asking an exit how sure it is: of taking `bytes` bytes from the
  /// radio module, and of weighing and comparing `logits` logits.
  public func cycles(answeringBy logits: Int, outOf bytes: Int = 0) -> Int {
    whole(
      program.answerPerAnswer + program.answerPerLogit * Double(logits)
        + program.framePerByte * Double(bytes))
  }

  /// The nearest whole number, held where sums of a graph's operators cannot overflow: a plan from
  /// a stranger's file may claim any size.
  private func whole(_ cycles: Double) -> Int {
    Int(min(max(0, cycles), 0x1p48).rounded())
  }
}

extension KernelPreset {
  /// The preset that a file extends, where it does.
  static func base(of file: ConfigNode) throws(ConfigError) -> String? {
    try file.mapping()["extends"]?.string()
  }

  /// Reads a preset's file and those that it extends, nearest first; what a nearer file says of an
  /// operator stands instead of, not beside, what a further one says.
  init(reading layers: [ConfigNode]) throws(ConfigError) {
    guard let file = layers.first else {
      preconditionFailure("a preset is read from at least one file")
    }
    var operators: [OperatorClass: OperatorCost] = [:]
    var program: ProgramCost?
    for layer in layers {
      let keys = try layer.mapping(
        required: ["name", "source", "estimate", "operators"], optional: ["extends", "program"])
      if program == nil {
        program = try keys["program"].map { node throws(ConfigError) in
          try ProgramCost(reading: node)
        }
      }
      let costs = try keys.value("operators").mapping(
        required: [], optional: OperatorClass.allCases.map(\.rawValue))
      for operatorClass in OperatorClass.allCases where operators[operatorClass] == nil {
        guard let node = costs[operatorClass.rawValue] else { continue }
        operators[operatorClass] = try OperatorCost(reading: node)
      }
    }
    let missing = OperatorClass.allCases.filter { operators[$0] == nil }.map(\.rawValue)
    guard missing.isEmpty else {
      throw file.malformed("no cost for \(missing.joined(separator: ", "))")
    }
    guard let program else {
      throw file.malformed("the key 'program' is missing")
    }
    let keys = try file.mapping()
    self.init(
      name: try keys.value("name").string(), source: try keys.value("source").string(),
      isEstimate: try keys.value("estimate").boolean(), program: program, operators: operators)
  }
}
