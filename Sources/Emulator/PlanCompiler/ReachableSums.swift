/// Between which values each channel's sum of products can lie, whatever int8 values come in.
///
/// An input that is padded away counts as its zero point, whose share is 0; so does a partial sum, so
/// that every range has 0 in it.
struct ReachableSums {
  /// For each output channel.
  let ranges: [ClosedRange<Int>]

  /// - Parameters:
  ///   - weights: int8, [channel][tap], or [tap][channel] if `isInterleaved`.
  ///   - weightsZeroPoint: what is subtracted from each.
  init(
    weights: [UInt8], channelCount: Int, isInterleaved: Bool, weightsZeroPoint: Int,
    inputZeroPoint: Int
  ) {
    // A weight's largest share is its size times the furthest input on the fitting side.
    let below = inputZeroPoint + 128
    let above = 127 - inputZeroPoint
    var low = [Int](repeating: 0, count: channelCount)
    var high = low
    let taps = weights.count / max(1, channelCount)
    for (index, byte) in weights.enumerated() {
      let channel = isInterleaved ? index % channelCount : index / max(1, taps)
      let weight = Int(Int8(bitPattern: byte)) - weightsZeroPoint
      low[channel] -= weight > 0 ? weight * below : -weight * above
      high[channel] += weight > 0 ? weight * above : -weight * below
    }
    ranges = zip(low, high).map { $0...$1 }
  }
}
