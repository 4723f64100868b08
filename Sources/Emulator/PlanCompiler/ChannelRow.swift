import MCUKernels

/// How one output channel's sum becomes its int8 value.
struct ChannelRow {
  let bias: Int32
  let scale: QuantisedScale

  /// The row as it always works: bias, multiplier, shift, nothing.
  var exact: [Int32] { [bias, scale.multiplier, scale.shift, 0] }

  /// The row of the quick form, or nil where it is not proved to give what the exact one gives for
  /// every sum that the channel can reach.
  ///
  /// `mcu_quick_value` has the algebra: the forms are equal where the shift is to the right by 1 to 22
  /// and a sum with its bias is below 2^30 in size. A channel whose sums are all too small to move the
  /// output, such as one whose weights have died out, is the constant that it is: its multiplier
  /// becomes 0.
  func quick(reaching sums: ClosedRange<Int>, zeroPoint: Int) -> [Int32]? {
    let low = sums.lowerBound + Int(bias)
    let high = sums.upperBound + Int(bias)
    let reach = max(abs(low), abs(high))
    guard reach < 1 << 30 else { return nil }
    var multiplier = scale.multiplier
    var right = -scale.shift
    if right >= 1, (reach * Int(multiplier)) >> 31 + 1 < 1 << (Int(right) - 1) {
      multiplier = 0
    }
    if multiplier == 0 { right = 1 }
    guard PlanFormat.quickShifts.contains(right) else { return nil }
    let half = 1 << (Int(right) - 1)
    return [2 * bias, multiplier, right, Int32(zeroPoint << Int(right) + half)]
  }
}

extension LoweredOperator {
  /// Writes quick rows if every channel has one, else exact ones.
  mutating func setChannelRows(
    _ channels: [ChannelRow], reaching sums: ReachableSums, zeroPoint: Int
  ) {
    rowWords = PlanFormat.channelRowSize / 4
    var quick: [Int32] = []
    for (index, channel) in channels.enumerated() {
      guard let row = channel.quick(reaching: sums.ranges[index], zeroPoint: zeroPoint) else {
        rows = channels.flatMap(\.exact)
        return
      }
      quick += row
    }
    rows = quick
    flags |= PlanFormat.flagQuickRows
  }

  /// Brings a convolution's weights, rows of `taps` for each output, into the order in which they are
  /// multiplied: rows of `depth` with zeros at their ends; in pairs, four taps of each in turn, and
  /// the last of an odd number of `outputs` of a group alone.
  mutating func arrangeRows(of taps: Int, to depth: Int, outputs: Int) {
    guard let weights = constants else { return }
    var arranged: [UInt8] = []
    arranged.reserveCapacity(weights.count / max(1, taps) * depth)
    for group in stride(from: 0, to: weights.count, by: taps * outputs) {
      for first in stride(from: 0, to: outputs, by: 2) {
        for tap in stride(from: 0, to: depth, by: 4) {
          for row in first..<min(first + 2, outputs) {
            let start = group + row * taps
            for index in tap..<(tap + 4) {
              arranged.append(index < taps ? weights[start + index] : 0)
            }
          }
        }
      }
    }
    constants = arranged
  }

  /// Brings a depthwise convolution's weights, [tap][channel], into blocks of four channels, with
  /// zeros for the channels that the last block does not have.
  mutating func arrangeBlocks(channels: Int) {
    guard let weights = constants else { return }
    let taps = weights.count / max(1, channels)
    constants = stride(from: 0, to: channels, by: 4).flatMap { block in
      (0..<taps).flatMap { tap in
        (block..<(block + 4)).map { $0 < channels ? weights[tap * channels + $0] : 0 }
      }
    }
  }
}
