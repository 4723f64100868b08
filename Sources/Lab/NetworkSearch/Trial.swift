/// A candidate and what was found of it.
struct Trial: Codable, Equatable {
  let generation: Int
  let candidate: Candidate
  /// ``EntropyScore``.
  let score: Double
  let effectiveness: Double
  /// nil where the compiler refused it, or where it is far too large to be compiled.
  let cost: ArchitectureCost?

  func isAllowed(by bounds: SearchBounds) -> Bool {
    effectiveness <= bounds.effectiveness && (cost.map(bounds.allow) ?? false)
  }

  /// By how much it misses what it misses most, as a multiple of the bound.
  func excess(over bounds: SearchBounds) -> Double {
    guard let cost else { return .infinity }
    return max(
      cost.milliseconds / bounds.milliseconds, Double(cost.sram) / Double(bounds.sram),
      Double(cost.flash) / Double(bounds.flash), effectiveness / bounds.effectiveness)
  }
}
