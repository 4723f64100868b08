import FeatureCoding

/// What the symbols of one path stand for: float32 by channel and symbol, and by channel what stands
/// for a symbol that did not come.
///
/// Symbols go channel, row, column, which is the order of one image of a float32 [N,C,H,W] tensor, so
/// symbol i becomes value i.
struct FeatureValues: Sendable {
  private let shape: SymbolShape
  /// How many symbols a channel has, by channel; nil: all have the same number.
  private let symbolLimits: [Int]?
  /// By channel, 256 entries each, so that any byte is inside.
  private let values: [Float]
  private let missing: [Float]

  private static let tableSize = 256

  /// - Parameters:
  ///   - tables: by symbol, 1...256 values; one table for all channels, or one for each.
  ///   - missing: one value for all channels, or one for each.
  init(shape: SymbolShape, tables: [[Float]], missing: [Float]) {
    precondition(tables.count == 1 || tables.count == shape.channels)
    precondition(missing.count == 1 || missing.count == shape.channels)
    self.shape = shape
    func each<Value>(_ list: [Value]) -> [Value] {
      list.count == 1 ? Array(repeating: list[0], count: shape.channels) : list
    }
    let sizes = tables.map(\.count)
    symbolLimits = Set(sizes).count == 1 ? nil : each(sizes)
    values = each(tables).flatMap { table in
      table + [Float](repeating: 0, count: Self.tableSize - table.count)
    }
    self.missing = each(missing)
  }

  /// The table of values that are sent as they are: a byte is an int8 q and stands for
  /// scale · (q - zeroPoint).
  static func table(scale: Float, zeroPoint: Int) -> [Float] {
    (0..<tableSize).map { byte in
      scale * Float(Int(Int8(truncatingIfNeeded: byte)) - zeroPoint)
    }
  }

  /// Checks that symbols of an image are in their channels' tables.
  ///
  /// - Parameters:
  ///   - symbols: from the image's first on, all of them in the longest table.
  ///   - range: which of them to look at.
  func check(
    _ symbols: UnsafeMutableRawBufferPointer, in range: Range<Int>
  ) throws(CodingError) {
    guard let symbolLimits else { return }
    for index in range {
      let limit = symbolLimits[index / shape.plane]
      guard Int(symbols[index]) < limit else {
        throw .symbolOutOfRange(symbol: symbols[index], alphabetSize: limit)
      }
    }
  }

  /// Fills `features`, float32 [C,H,W], from the first symbols of an image.
  func write(_ symbols: UnsafeRawBufferPointer, into features: UnsafeMutableBufferPointer<Float>) {
    precondition(symbols.count <= shape.count && features.count == shape.count)
    values.withUnsafeBufferPointer { values in
      for channel in 0..<shape.channels {
        let start = channel * shape.plane
        let end = start + shape.plane
        let have = max(start, min(end, symbols.count))
        let table = UnsafeBufferPointer(rebasing: values[(channel * Self.tableSize)...])
        for index in start..<have { features[index] = table[Int(symbols[index])] }
        for index in have..<end { features[index] = missing[channel] }
      }
    }
  }
}
