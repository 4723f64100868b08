import MCUIntrinsics

extension Plan {
  /// DEPTHWISE_CONV_2D: int8 NHWC input, weights [height][width][input channel · multiplier].
  ///
  /// Eight channels at a time where each input channel has one output; else one by one.
  func convolveDepthwise(_ record: OperatorRecord, _ memory: PlanMemory) {
    let vertical = WindowAxis.vertical(record)
    let horizontal = WindowAxis.horizontal(record)
    let convolution = DepthwiseWindow(
      offset: -record.signed(.inputZeroPoint), range: OutputRange(record),
      weights: memory.constants(record).int8,
      channels: memory.rows(record).assumingMemoryBound(to: mcu_channel.self),
      outputChannels: record.int(.outputChannels), multiplier: record.int(.own0),
      kernelRow: record.int(.kernelWidth) * record.int(.outputChannels),
      rowStride: vertical.dilation &* record.int(.inputWidth) &* record.int(.inputChannels),
      columnStride: horizontal.dilation &* record.int(.inputChannels))
    forEachWindow(record, memory) { convolution.run($0) }
  }
}

/// All channels of one output pixel of a depthwise convolution.
private struct DepthwiseWindow {
  let offset: Int32
  let range: OutputRange
  let weights: UnsafePointer<Int8>
  let channels: UnsafePointer<mcu_channel>
  let outputChannels: Int
  /// Output channels for each input channel.
  let multiplier: Int
  /// Weights from one row of taps to the next.
  let kernelRow: Int
  /// Elements from one tap to the tap below it, and to the tap right of it.
  let rowStride: Int
  let columnStride: Int

  @inline(__always)
  func run(_ window: WindowTaps) {
    let corner = window.corner
    let rows = window.rows
    let columns = window.columns
    let output = window.output
    let firstTap = rows.lowerBound * kernelRow + columns.lowerBound * outputChannels
    var channel = 0
    if multiplier == 1 {
      while channel + 8 <= outputChannels {
        var sums = mcu_zero8()
        var input = corner + channel
        var taps = weights + firstTap + channel
        for _ in rows {
          for column in 0..<columns.count {
            sums = mcu_multiply8(
              sums, input + column * columnStride, offset, taps + column * outputChannels)
          }
          input += rowStride
          taps += kernelRow
        }
        mcu_finish8(
          sums, channels + channel, range.zeroPoint, range.low, range.high, output + channel)
        channel += 8
      }
    }
    while channel < outputChannels {
      var sum: Int32 = 0
      var input = corner + channel / multiplier
      var taps = weights + firstTap + channel
      for _ in rows {
        for column in 0..<columns.count {
          let value = Int32(input[column * columnStride]) &+ offset
          sum = sum &+ value &* Int32(taps[column * outputChannels])
        }
        input += rowStride
        taps += kernelRow
      }
      output[channel] = mcu_finish(
        sum, channels + channel, range.zeroPoint, range.low, range.high)
      channel += 1
    }
  }
}
