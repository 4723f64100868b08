import MCUIntrinsics

extension Plan {
  /// DEPTHWISE_CONV_2D: int8 NHWC input; weights in blocks of four channels where each input channel
  /// has one output, else [height][width][input channel · multiplier].
  func convolveDepthwise(_ record: OperatorRecord, _ memory: PlanMemory) {
    let convolution = DepthwiseWindow(record, memory)
    if record.int(.own0) == 1 {
      forEachWindowRun(record, memory) { convolution.run($0) }
    } else {
      forEachWindow(record, memory) { convolution.multiply($0) }
    }
  }
}

/// All channels of output pixels of a depthwise convolution.
private struct DepthwiseWindow {
  private let input: UnsafePointer<Int8>
  private let offset: Int32
  private let range: mcu_range
  private let weights: UnsafePointer<Int8>
  private let channels: UnsafePointer<mcu_channel>
  private let outputChannels: Int
  /// Output channels for each input channel.
  private let multiplier: Int
  private let kernelWidth: Int
  private let kernelTaps: Int
  /// Elements from one tap to the tap below it, and to the tap right of it.
  private let rowStride: Int
  private let columnStride: Int

  init(_ record: OperatorRecord, _ memory: PlanMemory) {
    input = memory.input(record).int8
    offset = -record.signed(.inputZeroPoint)
    range = mcu_range(record)
    weights = memory.constants(record).int8
    channels = memory.rows(record).assumingMemoryBound(to: mcu_channel.self)
    outputChannels = record.int(.outputChannels)
    multiplier = record.int(.own0)
    kernelWidth = record.int(.kernelWidth)
    kernelTaps = record.int(.kernelHeight) * kernelWidth
    columnStride = record.int(.dilationWidth) &* record.int(.inputChannels)
    rowStride =
      record.int(.dilationHeight) &* record.int(.inputWidth) &* record.int(.inputChannels)
  }

  @inline(__always)
  private func taps(_ window: WindowTaps) -> mcu_taps {
    mcu_taps(
      x: window.corner, row_stride: rowStride, column_stride: columnStride,
      rows: window.rows.count, columns: window.columns.count, offset: offset,
      has_more_before: window.corner - input >= 3, kernel_width: kernelWidth,
      kernel_taps: kernelTaps,
      first_tap: window.rows.lowerBound &* kernelWidth &+ window.columns.lowerBound)
  }

  /// One output for each input channel.
  @inline(never)
  func run(_ run: WindowRun) {
    var taps = taps(run.taps)
    mcu_depthwise(
      &taps, run.count, run.inputStep, weights, outputChannels, channels, range,
      run.taps.output)
  }

  /// Several outputs for each input channel, one after another.
  // A call for each pixel, so that the loops over pixels keep their registers.
  @inline(never)
  func multiply(_ window: WindowTaps) {
    var taps = taps(window)
    for channel in 0..<outputChannels {
      let sum = mcu_window_sum(
        &taps, window.corner + channel / multiplier,
        weights + taps.first_tap &* outputChannels + channel, kernelWidth &* outputChannels,
        outputChannels)
      window.output[channel] = mcu_finish(sum, channels + channel, range)
    }
  }
}
