#if !hasFeature(Embedded)
  /// The fourth pass: what follows each neighbourhood, and which of them are one context.
  struct ContextCounts {
    private let neighbourhoods: [Neighbourhood]
    private let walk: NeighbourWalk
    /// By channel: by sum, by symbol.
    private var counts: [[UInt32]]

    init(_ walk: NeighbourWalk, _ neighbourhoods: [Neighbourhood]) {
      self.neighbourhoods = neighbourhoods
      self.walk = walk
      counts = neighbourhoods.map {
        Array(repeating: 0, count: RangeTables.nearSums * $0.farSums * walk.alphabetSize)
      }
    }

    mutating func add(_ symbols: [UInt8]) {
      let alphabetSize = walk.alphabetSize
      for (channel, neighbourhood) in neighbourhoods.enumerated() {
        // By neighbour, by symbol, what it adds to the place in the map.
        let entries = alphabetSize + 1
        let adds =
          neighbourhood.near.flatMap { $0.map(Int.init) }
          + neighbourhood.far.flatMap { $0.map { RangeTables.nearSums * Int($0) } }
        counts[channel].withUnsafeMutableBufferPointer { counts in
          adds.withUnsafeBufferPointer { adds in
            walk.forEach(symbols, channel: channel, references: neighbourhood.references) {
              symbol, around in
              var sum = 0
              for index in 0..<around.count { sum += adds[index * entries + around[index]] }
              counts[sum * alphabetSize + symbol] += 1
            }
          }
        }
      }
    }

    /// - Parameter bits: what the neighbours of a channel must save of each symbol; where they save less,
    ///   all of its symbols have one context.
    func blob(contexts limit: Int, saving bits: Double) -> [UInt8] {
      let alphabetSize = walk.alphabetSize
      var (counts, neighbourhoods) = (counts, neighbourhoods)
      for channel in counts.indices where saved(ofChannel: channel) < bits {
        neighbourhoods[channel] = neighbourhoods[channel].uniform
        // Every near sum is there, as the format wants it; the first one alone occurs.
        var all = [UInt32](repeating: 0, count: RangeTables.nearSums * alphabetSize)
        for (index, count) in counts[channel].enumerated() { all[index % alphabetSize] += count }
        counts[channel] = all
      }
      var cells: [[Double]] = []
      var places: [(channel: Int, sum: Int)] = []
      for (channel, counts) in counts.enumerated() {
        for sum in 0..<counts.count / alphabetSize {
          let cell = counts[sum * alphabetSize..<(sum + 1) * alphabetSize].map(Double.init)
          guard cell.contains(where: { $0 > 0 }) else { continue }
          cells.append(cell)
          places.append((channel, sum))
        }
      }
      let clusters = Clusters(cells, alphabetSize: alphabetSize, limit: limit)
      var maps = counts.map { [Int?](repeating: nil, count: $0.count / alphabetSize) }
      for (place, cluster) in zip(places, clusters.clusterOf) {
        maps[place.channel][place.sum] = cluster
      }
      return TableWriter(
        alphabetSize: alphabetSize, neighbourhoods: neighbourhoods,
        maps: maps.map(Self.filled),
        cumulative: clusters.frequencies().map { frequencies in
          frequencies.reduce(into: [0]) { $0.append($0.last! + $1) }
        }
      ).blob()
    }

    /// Bits of each symbol that are saved by knowing its neighbours, as far as what was counted says so.
    private func saved(ofChannel channel: Int) -> Double {
      let alphabetSize = walk.alphabetSize
      var all = [Double](repeating: 0, count: alphabetSize)
      var within = 0.0
      for sum in 0..<counts[channel].count / alphabetSize {
        let cell = counts[channel][sum * alphabetSize..<(sum + 1) * alphabetSize].map(Double.init)
        within += Self.bits(cell)
        for symbol in 0..<alphabetSize { all[symbol] += cell[symbol] }
      }
      let symbols = all.reduce(0, +)
      return symbols > 0 ? (Self.bits(all) - within) / symbols : 0
    }

    /// What symbols that occur so often cost by their own frequencies.
    private static func bits(_ counts: [Double]) -> Double {
      let all = counts.reduce(0, +)
      return counts.reduce(0) { $1 > 0 ? $0 - $1 * binaryLogarithm($1 / all) : $0 }
    }

    /// Sums that never occurred get the context of the nearest that did.
    private static func filled(_ map: [Int?]) -> [UInt8] {
      let known = map.indices.filter { map[$0] != nil }
      return map.indices.map { index in
        if let context = map[index] { return UInt8(context) }
        let nearest = known.min { distance($0, index) < distance($1, index) }
        return UInt8(nearest.flatMap { map[$0] } ?? 0)
      }
    }

    private static func distance(_ a: Int, _ b: Int) -> Int {
      let stride = RangeTables.nearSums
      return abs(a / stride - b / stride) + abs(a % stride - b % stride)
    }
  }
#endif
