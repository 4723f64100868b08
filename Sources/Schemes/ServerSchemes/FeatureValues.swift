/// What the symbols of one path stand for: float32 by channel and symbol, and by channel what stands
/// for a symbol that did not come.
///
/// Symbols go channel, row, column, which is the order of one image of a float32 [N,C,H,W] tensor, so
/// symbol i becomes value i.
struct FeatureValues: Sendable {
  /// Height times width of a channel.
  let pixels: Int
  /// Symbols that channels have, if not all of the alphabet; by channel.
  let symbolLimits: [Int]?
  /// By channel, 256 entries each, so that any byte is inside.
  private let values: [Float]
  private let missing: [Float]

  private static let tableSize = 256

  /// - Parameters:
  ///   - channels: of the features.
  ///   - pixels: height times width.
  ///   - tables: by symbol; one table for all channels, or one for each.
  ///   - missing: one value for all channels, or one for each.
  init(channels: Int, pixels: Int, tables: [[Float]], missing: [Float]) {
    precondition(tables.count == 1 || tables.count == channels)
    precondition(missing.count == 1 || missing.count == channels)
    self.pixels = pixels
    let sizes = tables.map(\.count)
    symbolLimits =
      Set(sizes).count == 1
      ? nil : (0..<channels).map { sizes[sizes.count == 1 ? 0 : $0] }
    values = (0..<channels).flatMap { channel in
      let table = tables[tables.count == 1 ? 0 : channel]
      return table + [Float](repeating: 0, count: Self.tableSize - table.count)
    }
    self.missing = missing.count == 1 ? Array(repeating: missing[0], count: channels) : missing
  }

  /// For features sent as they are: a byte is an int8 q and stands for scale · (q - zeroPoint).
  init(channels: Int, pixels: Int, scale: Float, zeroPoint: Int, missing: [Float]) {
    let table = (0..<Self.tableSize).map { byte in
      scale * Float(Int(Int8(truncatingIfNeeded: byte)) - zeroPoint)
    }
    self.init(channels: channels, pixels: pixels, tables: [table], missing: missing)
  }

  var symbolCount: Int { missing.count * pixels }

  /// Fills `features`, float32 [C,H,W], from the first symbols of an image.
  func write(_ symbols: UnsafeRawBufferPointer, into features: UnsafeMutableBufferPointer<Float>) {
    precondition(symbols.count <= symbolCount && features.count == symbolCount)
    values.withUnsafeBufferPointer { values in
      for channel in missing.indices {
        let start = channel * pixels
        let have = max(0, min(pixels, symbols.count - start))
        let table = UnsafeBufferPointer(
          rebasing: values[channel * Self.tableSize..<(channel + 1) * Self.tableSize])
        for index in start..<start + have {
          features[index] = table[Int(symbols[index])]
        }
        for index in start + have..<start + pixels { features[index] = missing[channel] }
      }
    }
  }
}
