#if !hasFeature(Embedded)
  /// The third pass: how much each neighbour's symbol says.
  ///
  /// Least squares on indicators: the symbol, on a scale by rank, is predicted by one number for
  /// each neighbour and each level of its symbol. The numbers are then rounded to steps, the
  /// neighbours' and the references' apart, so that their two sums make a grid.
  struct WeightChoice {
    let walk: NeighbourWalk
    private let references: [[RangeReference]]
    /// By symbol, which of the levels; outside is one more.
    private let levelOf: [Int]
    private let levels: Int
    /// By symbol.
    private let scale: [Double]
    /// By channel: products of indicators, and of indicators and the scale.
    private var counts: [[Int]]
    private var targets: [[Double]]

    private static let mostLevels = 8
    private static let farSums = 32

    init(_ walk: NeighbourWalk, histogram: [Int], references: [[RangeReference]]) {
      self.walk = walk
      self.references = references
      (levelOf, levels) = Self.levels(histogram)
      scale = Self.scale(histogram)
      let sizes = references.map { [levels] in
        1 + (NeighbourWalk.nearCount + $0.count) * (levels + 1)
      }
      counts = sizes.map { Array(repeating: 0, count: $0 * $0) }
      targets = sizes.map { Array(repeating: 0, count: $0) }
    }

    /// Runs of neighbouring symbols, so that no level but the last is rare.
    private static func levels(_ histogram: [Int]) -> (levelOf: [Int], count: Int) {
      let count = histogram.count
      guard count > mostLevels else { return (Array(0...count), count) }
      let all = max(histogram.reduce(0, +), 1)
      var levelOf: [Int] = []
      var (level, inLevel, done) = (0, 0, 0)
      for frequency in histogram {
        if inLevel > 0, level < mostLevels - 1,
          2 * inLevel * (mostLevels - level) >= 2 * (all - done) || 2 * frequency * mostLevels > all
        {
          done += inLevel
          level += 1
          inLevel = 0
        }
        levelOf.append(level)
        inLevel += frequency
      }
      return (levelOf + [level + 1], level + 1)
    }

    /// Symbols by their ranks' log-odds.
    private static func scale(_ histogram: [Int]) -> [Double] {
      let all = Double(histogram.reduce(0, +)) + Double(histogram.count)
      var below = 0.0
      return histogram.map { frequency in
        let share = (Double(frequency) + 1) / all
        let rank = below + share / 2
        below += share
        return binaryLogarithm(rank / (1 - rank))
      }
    }

    mutating func add(_ symbols: [UInt8]) {
      for channel in 0..<walk.shape.channels {
        let size = targets[channel].count
        let step = levels + 1
        var active = [Int](
          repeating: 0, count: 1 + NeighbourWalk.nearCount + references[channel].count)
        counts[channel].withUnsafeMutableBufferPointer { counts in
          targets[channel].withUnsafeMutableBufferPointer { targets in
            active.withUnsafeMutableBufferPointer { active in
              walk.forEach(symbols, channel: channel, references: references[channel]) {
                symbol, around in
                for index in 0..<around.count {
                  active[index + 1] = 1 + index * step + levelOf[around[index]]
                }
                let target = scale[symbol]
                for i in 0..<active.count {
                  targets[active[i]] += target
                  let row = active[i] * size
                  for j in 0...i { counts[row + active[j]] += 1 }
                }
              }
            }
          }
        }
      }
    }

    func neighbourhoods() -> [Neighbourhood] {
      (0..<walk.shape.channels).map(neighbourhood)
    }

    private func neighbourhood(_ channel: Int) -> Neighbourhood {
      let size = targets[channel].count
      let products = counts[channel]
      let solved = LeastSquares(size) { i, j in Double(products[max(i, j) * size + min(i, j)]) }
        .weights { targets[channel][$0] }
      let step = levels + 1
      let nearCount = NeighbourWalk.nearCount
      let columns = nearCount + references[channel].count
      // By column and level, from 0 upwards; a level that never occurs counts as its neighbour.
      var weights = (0..<columns).map { column in
        let seen = (0..<step).map { level in
          let index = 1 + column * step + level
          return products[index * size + index]
        }
        var values = Array(solved[1 + column * step..<1 + (column + 1) * step])
        let all = seen.reduce(0, +)
        var tail = 0
        // What is rare counts as what is next to it: it would stretch the steps.
        for level in (0..<levels).reversed() {
          tail += seen[level]
          if level > 0, 1000 * tail < all { values[level] = .nan }
        }
        for level in 1..<max(levels, 1) where values[level].isNaN || seen[level] == 0 {
          values[level] = values[level - 1]
        }
        if seen[levels] == 0 { values[levels] = values[0] }
        let least = values.min() ?? 0
        return values.map { $0 - least }
      }
      Self.round(&weights, columns: 0..<nearCount, sums: RangeTables.nearSums)
      Self.round(&weights, columns: nearCount..<columns, sums: Self.farSums)
      let numbers = weights.map { weights in levelOf.map { UInt8(weights[$0]) } }
      return Neighbourhood(
        references: references[channel], near: Array(numbers[..<nearCount]),
        far: Array(numbers[nearCount...]))
    }

    /// Rounds columns to whole steps of which the largest add up to at most one less than `sums`.
    private static func round(
      _ weights: inout [[Double]], columns: Range<Int>, sums: Int
    ) {
      let most = columns.reduce(0.0) { $0 + (weights[$1].max() ?? 0) }
      guard most > 1e-9 else {
        for column in columns { weights[column] = weights[column].map { _ in 0 } }
        return
      }
      var steps = Double(sums) - 0.5
      repeat {
        steps -= 0.5
        let largest = columns.reduce(0.0) {
          $0 + ((weights[$1].max() ?? 0) * steps / most).rounded()
        }
        if largest < Double(sums) { break }
      } while steps > 1
      for column in columns {
        weights[column] = weights[column].map { ($0 * steps / most).rounded() }
      }
    }
  }

  /// To about 1e-15; the same bits on every machine.
  func binaryLogarithm(_ value: Double) -> Double {
    precondition(value > 0 && value.isFinite)
    var exponent = Double(value.exponent)
    var fraction = value.significand
    if fraction > 1.4142135623730951 {
      fraction /= 2
      exponent += 1
    }
    let ratio = (fraction - 1) / (fraction + 1)
    let square = ratio * ratio
    var (power, sum) = (ratio, 0.0)
    var odd = 1.0
    while odd < 41 {
      sum += power / odd
      power *= square
      odd += 2
    }
    return exponent + 2.8853900817779268 * sum
  }
#endif
