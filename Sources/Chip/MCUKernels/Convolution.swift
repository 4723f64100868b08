import MCUIntrinsics

extension Plan {
  /// CONV_2D: int8 NHWC input, weights [outputs][height][width][channels of the group].
  ///
  /// sum = Σ (input - zero point) · weight over the taps inside the input, which is TensorFlow Lite
  /// Micro's reference; four output channels at a time share what they read of the input.
  func convolve(_ record: OperatorRecord, _ memory: PlanMemory) {
    let vertical = WindowAxis.vertical(record)
    let horizontal = WindowAxis.horizontal(record)
    let convolution = ConvolutionWindow(
      offset: -record.signed(.inputZeroPoint), range: OutputRange(record),
      weights: memory.constants(record).int8,
      channels: memory.rows(record).assumingMemoryBound(to: mcu_channel.self),
      inputChannels: record.int(.inputChannels), groupChannels: record.int(.own0),
      outputChannels: record.int(.outputChannels),
      kernelHeight: record.int(.kernelHeight), kernelWidth: record.int(.kernelWidth),
      rowStride: vertical.dilation &* record.int(.inputWidth) &* record.int(.inputChannels),
      columnStride: horizontal.dilation &* record.int(.inputChannels))
    forEachWindow(record, memory) { convolution.run($0) }
  }
}

/// All output channels of one output pixel of a convolution.
private struct ConvolutionWindow {
  let offset: Int32
  let range: OutputRange
  let weights: UnsafePointer<Int8>
  let channels: UnsafePointer<mcu_channel>
  let inputChannels: Int
  let groupChannels: Int
  let outputChannels: Int
  let kernelHeight: Int
  let kernelWidth: Int
  /// Elements from one tap to the tap below it, and to the tap right of it.
  let rowStride: Int
  let columnStride: Int

  @inline(__always)
  func run(_ window: WindowTaps) {
    let rows = window.rows
    let columns = window.columns
    let output = window.output
    // Taps that lie side by side in memory are one run; a dilated or a grouped row is a run a tap.
    let isContiguous = columnStride == groupChannels
    let runs = isContiguous ? 1 : columns.count
    let length = isContiguous ? columns.count * groupChannels : groupChannels
    let kernelRow = kernelWidth * groupChannels
    let kernel = kernelHeight * kernelRow
    let groupOutputs = outputChannels / (inputChannels / groupChannels)
    let firstTap = rows.lowerBound * kernelRow + columns.lowerBound * groupChannels
    var groupInput = window.corner
    var channel = 0
    while channel < outputChannels {
      let groupEnd = channel + groupOutputs
      while channel + 4 <= groupEnd {
        var sums = mcu_zero4()
        var input = groupInput
        var taps = weights + channel * kernel + firstTap
        for _ in rows {
          for run in 0..<runs {
            sums = mcu_dot4(
              sums, input + run * columnStride, offset, taps + run * groupChannels, kernel, length)
          }
          input += rowStride
          taps += kernelRow
        }
        mcu_finish4(
          sums, 0, channels + channel, range.zeroPoint, range.low, range.high, output + channel)
        channel += 4
      }
      while channel < groupEnd {
        var sums = mcu_zero1()
        var input = groupInput
        var taps = weights + channel * kernel + firstTap
        for _ in rows {
          for run in 0..<runs {
            sums = mcu_dot1(
              sums, input + run * columnStride, offset, taps + run * groupChannels, length)
          }
          input += rowStride
          taps += kernelRow
        }
        output[channel] = mcu_finish(
          mcu_total(sums), channels + channel, range.zeroPoint, range.low, range.high)
        channel += 1
      }
      groupInput += groupChannels
    }
  }
}
