public import MCUKernels

/// What one class of operator costs: cycles for each unit of its terms.
public struct OperatorCost: Equatable, Sendable {
  /// Cycles by term; a term that is not there costs nothing.
  public let cyclesPer: [CostTerm: Double]

  public init(cyclesPer: [CostTerm: Double]) {
    self.cyclesPer = cyclesPer
  }

  /// Cycles, not yet rounded.
  public func cycles(for geometry: OperatorGeometry) -> Double {
    let work = KernelWork(geometry)
    // By the order of the cases, so that every run adds in the same order.
    return CostTerm.allCases.reduce(0) { sum, term in
      guard let cycles = cyclesPer[term] else { return sum }
      return sum + cycles * term.amount(in: geometry, work)
    }
  }

  init(reading node: ConfigNode) throws(ConfigError) {
    let terms = try node.mapping(required: [], optional: CostTerm.allCases.map(\.rawValue))
    guard !terms.isEmpty else {
      throw node.malformed("at least one term is needed")
    }
    var cyclesPer: [CostTerm: Double] = [:]
    for (name, value) in terms {
      guard let term = CostTerm(rawValue: name) else { continue }
      cyclesPer[term] = try value.number(in: 0...1e9)
    }
    self.cyclesPer = cyclesPer
  }
}
