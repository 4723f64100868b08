#if !hasFeature(Embedded)
  /// Distributions brought together so that coding by the common ones costs few bits more.
  ///
  /// Lloyd's algorithm with the cost in bits for a distance: each cell goes to the distribution that
  /// codes it shortest, each distribution becomes the sum of its cells.
  struct Clusters {
    let clusterOf: [Int]
    /// By cluster, by symbol, the cells' counts summed up.
    private let sums: [[Double]]
    private let marginal: [Double]

    private static let rounds = 24

    init(_ cells: [[Double]], alphabetSize: Int, limit: Int) {
      var marginal = [Double](repeating: 0, count: alphabetSize)
      for cell in cells { for symbol in 0..<alphabetSize { marginal[symbol] += cell[symbol] } }
      let all = marginal.reduce(0, +) + Double(alphabetSize)
      marginal = marginal.map { ($0 + 1) / all }
      self.marginal = marginal
      var clusterOf = Self.beginning(cells, limit: limit)
      var sums = Self.sums(cells, clusterOf, count: limit, alphabetSize: alphabetSize)
      for _ in 0..<Self.rounds {
        let costs = sums.map { Self.shares($0, marginal).map { -binaryLogarithm($0) } }
        let filled = sums.indices.filter { sums[$0].contains { $0 > 0 } }
        let next = cells.map { cell in
          var best = (cost: Double.infinity, cluster: 0)
          costs.withUnsafeBufferPointer { costs in
            cell.withUnsafeBufferPointer { cell in
              for cluster in filled {
                let cost = costs[cluster].withUnsafeBufferPointer { costs in
                  var cost = 0.0
                  for symbol in 0..<cell.count { cost += cell[symbol] * costs[symbol] }
                  return cost
                }
                if cost < best.cost { best = (cost, cluster) }
              }
            }
          }
          return best.cluster
        }
        if next == clusterOf { break }
        clusterOf = next
        sums = Self.sums(cells, clusterOf, count: limit, alphabetSize: alphabetSize)
      }
      // Those that nothing is left in go.
      let kept = sums.indices.filter { sums[$0].contains { $0 > 0 } }
      var place = [Int](repeating: 0, count: limit)
      for (index, cluster) in kept.enumerated() { place[cluster] = index }
      self.clusterOf = clusterOf.map { place[$0] }
      self.sums = kept.isEmpty ? [Array(repeating: 0, count: alphabetSize)] : kept.map { sums[$0] }
    }

    /// Cells in the order of their mean symbol, cut into pieces of like weight: the square root of a
    /// cell's symbols, so that neither the frequent nor the many rare ones get all of them.
    private static func beginning(_ cells: [[Double]], limit: Int) -> [Int] {
      var means: [Double] = []
      var weights: [Double] = []
      for cell in cells {
        let count = cell.reduce(0, +)
        var sum = 0.0
        for (symbol, frequency) in cell.enumerated() { sum += Double(symbol) * frequency }
        means.append(sum / count)
        weights.append(count.squareRoot())
      }
      let order = cells.indices.sorted { (means[$0], $0) < (means[$1], $1) }
      let all = weights.reduce(0, +)
      var clusterOf = [Int](repeating: 0, count: cells.count)
      var done = 0.0
      for index in order {
        clusterOf[index] = min(limit - 1, Int(done / all * Double(limit)))
        done += weights[index]
      }
      return clusterOf
    }

    private static func sums(
      _ cells: [[Double]], _ clusterOf: [Int], count: Int, alphabetSize: Int
    ) -> [[Double]] {
      var sums = [[Double]](repeating: Array(repeating: 0, count: alphabetSize), count: count)
      for (cell, cluster) in zip(cells, clusterOf) {
        for symbol in 0..<alphabetSize { sums[cluster][symbol] += cell[symbol] }
      }
      return sums
    }

    /// Each symbol as if it had been seen some more times, by what it is in all.
    private static func shares(_ counts: [Double], _ marginal: [Double]) -> [Double] {
      let all = counts.reduce(0, +) + 2
      return zip(counts, marginal).map { ($0 + 2 * $1) / all }
    }

    /// By cluster, by symbol, whole numbers of 1 or more that add up to the total.
    func frequencies() -> [[Int]] {
      sums.map { counts in
        let free = Double(RangeTables.total - counts.count)
        var frequencies = Self.shares(counts, marginal).map { 1 + Int($0 * free) }
        let rest = RangeTables.total - frequencies.reduce(0, +)
        let largest = frequencies.indices.max { frequencies[$0] < frequencies[$1] } ?? 0
        frequencies[largest] += rest
        return frequencies
      }
    }
  }
#endif
