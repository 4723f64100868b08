#if !hasFeature(Embedded)
  /// The first pass: which earlier channels say most about a channel.
  ///
  /// Symbols are put on a scale by their rank, and for each channel the products of what its
  /// neighbours, the earlier channels and the symbol itself have on that scale are summed up. Least
  /// squares on those sums says what a channel adds to the neighbours and the channels before it.
  struct ReferenceChoice {
    let shape: SymbolShape
    let alphabetSize: Int
    /// By symbol.
    private(set) var histogram: [Int]
    /// By channel, the upper triangle of the products, rows of ``size(ofChannel:)`` each.
    private var products: [[Int64]]

    static let neighbours = 4

    init(shape: SymbolShape, alphabetSize: Int) {
      self.shape = shape
      self.alphabetSize = alphabetSize
      histogram = Array(repeating: 0, count: alphabetSize)
      products = (0..<shape.channels).map { channel in
        let size = Self.size(ofChannel: channel)
        return Array(repeating: 0, count: size * size)
      }
    }

    /// One, the neighbours, the earlier channels, the symbol.
    private static func size(ofChannel channel: Int) -> Int { 1 + neighbours + channel + 1 }

    /// A symbol on a scale whose steps become smaller: most of what there is to say is whether a
    /// feature is active at all.
    private func scaled(_ symbol: UInt8) -> Int64 {
      let symbol = Int64(symbol)
      return alphabetSize > 16 ? 16 * symbol : 4096 * symbol / (symbol + 3)
    }

    mutating func add(_ symbols: [UInt8]) {
      for symbol in symbols { histogram[Int(symbol)] += 1 }
      let plane = shape.plane
      let width = shape.width
      let scale = (0..<alphabetSize).map { scaled(UInt8($0)) }
      symbols.withUnsafeBufferPointer { symbols in
        for channel in 0..<shape.channels {
          let size = Self.size(ofChannel: channel)
          var values = [Int64](repeating: 0, count: size)
          values[0] = 1
          products[channel].withUnsafeMutableBufferPointer { sums in
            values.withUnsafeMutableBufferPointer { values in
              for pixel in 0..<plane {
                let (row, column) = pixel.quotientAndRemainder(dividingBy: width)
                let here = channel * plane + pixel
                func scaled(_ index: Int) -> Int64 { scale[Int(symbols[index])] }
                values[1] = column > 0 ? scaled(here - 1) : 0
                values[2] = row > 0 ? scaled(here - width) : 0
                values[3] = row > 0 && column > 0 ? scaled(here - width - 1) : 0
                values[4] = row > 0 && column + 1 < width ? scaled(here - width + 1) : 0
                for earlier in 0..<channel {
                  values[1 + Self.neighbours + earlier] = scaled(earlier * plane + pixel)
                }
                values[size - 1] = scaled(here)
                for i in 0..<size where values[i] != 0 {
                  let value = values[i]
                  for j in i..<size { sums[i * size + j] &+= value &* values[j] }
                }
              }
            }
          }
        }
      }
    }

    /// The references of a channel, the one that says most first.
    func references(ofChannel channel: Int) -> [Int] {
      let size = Self.size(ofChannel: channel)
      let sums = products[channel].map(Double.init)
      var chosen = Array(0...Self.neighbours)
      var references: [Int] = []
      while references.count < min(RangeTables.maximumReferences, channel) {
        var best: (gain: Double, reference: Int)?
        for reference in 0..<channel where !references.contains(reference) {
          let columns = chosen + [1 + Self.neighbours + reference]
          let gain = LeastSquares(columns.count) { i, j in
            let (i, j) = (min(columns[i], columns[j]), max(columns[i], columns[j]))
            return sums[i * size + j]
          }.explained { sums[columns[$0] * size + size - 1] }
          if best == nil || gain > best!.gain { best = (gain, reference) }
        }
        references.append(best!.reference)
        chosen.append(1 + Self.neighbours + best!.reference)
      }
      return references
    }
  }
#endif
