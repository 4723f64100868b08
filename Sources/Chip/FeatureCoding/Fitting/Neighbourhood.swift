#if !hasFeature(Embedded)
  /// What a channel's context depends on: the numbers that its neighbours' symbols add up to.
  struct Neighbourhood {
    var references: [Int]
    /// By symbol, alphabetSize for one outside, ``RangeTables/columns`` numbers.
    var rows: [UInt16]
    /// One more than the largest sum.
    var sums: Int
    /// What the references' numbers are multiples of: a sum is one of theirs and one of the
    /// neighbours', which is less.
    var stride: Int
  }

  /// Goes through an image's symbols with what each depends on.
  struct NeighbourWalk {
    let shape: SymbolShape
    let alphabetSize: Int

    /// Calls `take` with each symbol of a channel and its neighbours' symbols: left, upper, upper
    /// left, upper right, then the references'.
    func forEach(
      _ symbols: [UInt8], channel: Int, references: [Int],
      _ take: (_ symbol: Int, _ around: UnsafeBufferPointer<Int>) -> Void
    ) {
      let plane = shape.plane
      let width = shape.width
      symbols.withUnsafeBufferPointer { symbols in
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 4 + references.count) { around in
          for pixel in 0..<plane {
            let (row, column) = pixel.quotientAndRemainder(dividingBy: width)
            let here = channel * plane + pixel
            around[0] = column > 0 ? Int(symbols[here - 1]) : alphabetSize
            around[1] = row > 0 ? Int(symbols[here - width]) : alphabetSize
            around[2] = row > 0 && column > 0 ? Int(symbols[here - width - 1]) : alphabetSize
            around[3] =
              row > 0 && column + 1 < width ? Int(symbols[here - width + 1]) : alphabetSize
            for (index, reference) in references.enumerated() {
              around[4 + index] = Int(symbols[reference * plane + pixel])
            }
            take(Int(symbols[here]), UnsafeBufferPointer(around))
          }
        }
      }
    }
  }
#endif
