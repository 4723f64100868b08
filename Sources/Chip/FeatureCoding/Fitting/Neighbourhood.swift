#if !hasFeature(Embedded)
  /// What a channel's contexts depend on: the numbers that its neighbours' symbols add up to.
  ///
  /// Numbers go by symbol, alphabetSize for a neighbour outside.
  struct Neighbourhood {
    var references: [RangeReference]
    /// By near neighbour, in the order of ``NeighbourWalk/nearCount``.
    var near: [[UInt8]]
    /// By reference.
    var far: [[UInt8]]

    /// Whether nothing depends on the neighbours.
    var isUniform: Bool { references.isEmpty && near.allSatisfy { $0.allSatisfy { $0 == 0 } } }

    /// The same without neighbours that count.
    var uniform: Neighbourhood {
      Neighbourhood(
        references: [], near: near.map { Array(repeating: 0, count: $0.count) }, far: [])
    }

    /// One more than the largest far sum.
    var farSums: Int { 1 + far.reduce(0) { $0 + Int($1.max() ?? 0) } }
  }

  /// Goes through an image's symbols with what each depends on.
  struct NeighbourWalk {
    let shape: SymbolShape
    let alphabetSize: Int

    /// Upper right, upper, upper left, the one at its left; left, the one at its left.
    static let nearCount = 6

    /// Calls `take` with each symbol of a channel and the symbols around it: the near neighbours',
    /// then the references'. Of each row it takes a symbol of `every`, the next row the ones beside.
    func forEach(
      _ symbols: [UInt8], channel: Int, references: [RangeReference], every: Int = 1,
      _ take: (_ symbol: Int, _ around: UnsafeBufferPointer<Int>) -> Void
    ) {
      let (height, width, plane) = (shape.height, shape.width, shape.plane)
      let count = Self.nearCount + references.count
      symbols.withUnsafeBufferPointer { symbols in
        withUnsafeTemporaryAllocation(of: Int.self, capacity: count) { around in
          for row in 0..<height {
            let line = channel * plane + row * width
            let lines = references.map {
              $0.channel * plane + min(max(row + $0.down, 0), height - 1) * width
            }
            for column in stride(from: row % every, to: width, by: every) {
              func near(_ isThere: Bool, _ distance: Int) -> Int {
                isThere ? Int(symbols[line + column - distance]) : alphabetSize
              }
              around[0] = near(row > 0 && column + 1 < width, width - 1)
              around[1] = near(row > 0, width)
              around[2] = near(row > 0 && column > 0, width + 1)
              around[3] = near(row > 0 && column > 1, width + 2)
              around[4] = near(column > 0, 1)
              around[5] = near(column > 1, 2)
              for index in references.indices {
                let right = column + 1 < width ? references[index].right : 0
                around[Self.nearCount + index] = Int(symbols[lines[index] + column + right])
              }
              take(Int(symbols[line + column]), UnsafeBufferPointer(around))
            }
          }
        }
      }
    }
  }
#endif
