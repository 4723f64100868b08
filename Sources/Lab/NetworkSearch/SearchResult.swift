/// What a search found.
public struct SearchResult: Sendable {
  /// An architecture that no other beats in both time and score.
  public struct Point: Equatable, Sendable {
    public let architecture: Architecture
    public let score: Double
    public let cost: ArchitectureCost
  }

  public let configuration: SearchConfiguration
  /// The front, by rising time; its last is the best.
  public let front: [Point]
  /// All others within the bounds, for a picture.
  let others: [(milliseconds: Double, score: Double)]
  public let trials: Int
  /// How many of them keep within the bounds.
  public let allowed: Int

  public var best: Point { front[front.count - 1] }

  /// - Throws: ``SearchError/nothingFits(_:)``.
  init(_ trials: [Trial], _ configuration: SearchConfiguration) throws(SearchError) {
    self.configuration = configuration
    let bounds = configuration.bounds
    let points = trials.filter { $0.isAllowed(by: bounds) }.compactMap { trial in
      trial.cost.map {
        Point(
          architecture: trial.candidate.architecture(in: configuration.space), score: trial.score,
          cost: $0)
      }
    }.sorted { ($0.cost.milliseconds, -$0.score) < ($1.cost.milliseconds, -$1.score) }
    guard !points.isEmpty else { throw .nothingFits(Self.closest(of: trials, bounds)) }
    var front: [Point] = []
    for point in points where point.score > front.last?.score ?? -.infinity { front.append(point) }
    self.front = front
    others = points.filter { !front.contains($0) }.map { ($0.cost.milliseconds, $0.score) }
    self.trials = trials.count
    allowed = points.count
  }

  private static func closest(of trials: [Trial], _ bounds: SearchBounds) -> String {
    let found = trials.min { $0.excess(over: bounds) < $1.excess(over: bounds) }
    guard let found, let cost = found.cost else { return "none could be compiled" }
    return
      "the closest takes \(Int(cost.milliseconds.rounded(.up))) ms, \(cost.sram) bytes of SRAM and "
      + "\(cost.flash) of flash"
  }
}
