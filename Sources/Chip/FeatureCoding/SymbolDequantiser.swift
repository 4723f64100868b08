#if !hasFeature(Embedded)
  /// Turns symbols back into float32 features on the server, through the values that training gave
  /// each symbol.
  ///
  /// Symbols go channel, row, column, which is the order of one image of a float32 [N,C,H,W]
  /// tensor, so symbol i becomes value i.
  public struct SymbolDequantiser: Sendable {
    public let channels: Int
    public let symbolsPerChannel: Int
    private let values: [[Float]]

    /// - Parameters:
    ///   - channels: channels of the features.
    ///   - symbolsPerChannel: their height times their width.
    ///   - values: by symbol; one table for all channels or one for each.
    public init(channels: Int, symbolsPerChannel: Int, values: [[Float]]) {
      precondition(channels > 0 && symbolsPerChannel > 0)
      precondition(values.count == 1 || values.count == channels)
      precondition(values.allSatisfy { LZW.alphabetSizes.contains($0.count) })
      self.channels = channels
      self.symbolsPerChannel = symbolsPerChannel
      self.values = values
    }

    /// For features sent as they are: a byte is an int8 q and stands for scale · (q - zeroPoint).
    public init(channels: Int, symbolsPerChannel: Int, scale: Float, zeroPoint: Int) {
      let values = (0...255).map { byte in
        scale * Float(Int(Int8(truncatingIfNeeded: byte)) - zeroPoint)
      }
      self.init(channels: channels, symbolsPerChannel: symbolsPerChannel, values: [values])
    }

    /// Symbols of one image.
    public var symbolCount: Int { channels * symbolsPerChannel }

    /// Writes the features of one image.
    ///
    /// - Parameters:
    ///   - symbols: ``symbolCount`` bytes.
    ///   - features: room for float32 [channels,height,width].
    public func dequantise(
      symbols: UnsafeRawBufferPointer, into features: UnsafeMutableBufferPointer<Float>
    ) throws(CodingError) {
      guard symbols.count == symbolCount else {
        throw .lengthMismatch(expected: symbolCount, found: symbols.count)
      }
      guard features.count >= symbolCount else {
        throw .outputTooSmall(capacity: features.count)
      }
      for channel in 0..<channels {
        let table = values[values.count == 1 ? 0 : channel]
        for index in channel * symbolsPerChannel..<(channel + 1) * symbolsPerChannel {
          let symbol = symbols[index]
          guard Int(symbol) < table.count else {
            throw .symbolOutOfRange(symbol: symbol, alphabetSize: table.count)
          }
          features[index] = table[Int(symbol)]
        }
      }
    }
  }
#endif
