#if !hasFeature(Embedded)
  /// The first passes: which earlier channels' symbols say most about a channel.
  ///
  /// Symbols are put on a scale, and for each channel the products of what its near neighbours, the
  /// candidates and the symbol itself have on that scale are summed up. Least squares on those sums
  /// says what a candidate adds to the neighbours and the candidates chosen before it.
  struct ReferenceChoice {
    let walk: NeighbourWalk
    let candidates: [[RangeReference]]
    /// By symbol.
    private(set) var histogram: [Int]
    /// By channel, the upper triangle of the products: one, the neighbours, the candidates, the
    /// symbol. They are whole numbers, so that their order does not matter.
    private var products: [[Double]]

    init(_ walk: NeighbourWalk, candidates: [[RangeReference]]) {
      self.walk = walk
      self.candidates = candidates
      histogram = Array(repeating: 0, count: walk.alphabetSize)
      products = candidates.map {
        let size = Self.size(candidates: $0.count)
        return Array(repeating: 0, count: size * size)
      }
    }

    private static func size(candidates: Int) -> Int {
      1 + NeighbourWalk.nearCount + candidates + 1
    }

    /// A symbol on a scale whose steps become smaller: most of what there is to say is whether a
    /// feature is active at all. Outside counts as the first symbol.
    private func scaled(_ symbol: Int) -> Double {
      if symbol == walk.alphabetSize { return 0 }
      return Double(walk.alphabetSize > 16 ? symbol : 48 * symbol / (symbol + 3))
    }

    mutating func add(_ symbols: [UInt8]) {
      for symbol in symbols { histogram[Int(symbol)] += 1 }
      let scale = (0...walk.alphabetSize).map(scaled)
      // Large maps have more symbols than a choice needs.
      let every = walk.shape.width >= 16 ? 4 : 1
      for channel in candidates.indices {
        let size = Self.size(candidates: candidates[channel].count)
        var values = [Double](repeating: 1, count: size)
        products[channel].withUnsafeMutableBufferPointer { sums in
          values.withUnsafeMutableBufferPointer { values in
            walk.forEach(symbols, channel: channel, references: candidates[channel], every: every) {
              symbol, around in
              for index in 0..<around.count { values[index + 1] = scale[around[index]] }
              values[size - 1] = scale[symbol]
              for i in 0..<size where values[i] != 0 {
                let value = values[i]
                for j in i..<size { sums[i * size + j] += value * values[j] }
              }
            }
          }
        }
      }
    }

    /// The candidates of a channel that say most, the best first.
    ///
    /// - Parameter bits: what one must save at least of each symbol, by the estimate that half of the
    ///   logarithm of what is left of the variance is saved.
    func chosen(ofChannel channel: Int, count: Int, saving bits: Double = 0) -> [RangeReference] {
      let candidates = candidates[channel]
      let size = Self.size(candidates: candidates.count)
      let sums = products[channel]
      var columns = Array(0...NeighbourWalk.nearCount)
      var chosen: [RangeReference] = []
      func explained(_ columns: [Int]) -> Double {
        LeastSquares(columns.count) { i, j in
          sums[min(columns[i], columns[j]) * size + max(columns[i], columns[j])]
        }.explained { sums[columns[$0] * size + size - 1] }
      }
      let all = sums[size * size - 1] + 1
      var known = explained(columns)
      while chosen.count < min(count, candidates.count) {
        var best = (gain: -Double.infinity, candidate: 0)
        for candidate in candidates.indices {
          let column = 1 + NeighbourWalk.nearCount + candidate
          guard !columns.contains(column) else { continue }
          let gain = explained(columns + [column])
          if gain > best.gain { best = (gain, candidate) }
        }
        let saved = binaryLogarithm((all - known) / max(all - best.gain, 1e-9)) / 2
        guard saved >= bits else { break }
        known = best.gain
        chosen.append(candidates[best.candidate])
        columns.append(1 + NeighbourWalk.nearCount + best.candidate)
      }
      return chosen
    }
  }
#endif
