import MCUIntrinsics

extension Plan {
  /// DEPTHWISE_CONV_2D: int8 NHWC input, weights [height][width][input channel · multiplier].
  func convolveDepthwise(_ record: OperatorRecord, _ memory: PlanMemory) {
    let convolution = DepthwiseWindow(record, memory)
    if record.int(.own0) == 1 {
      forEachWindow(record, memory) { convolution.run($0) }
    } else {
      forEachWindow(record, memory) { convolution.multiply($0) }
    }
  }
}

/// All channels of one output pixel of a depthwise convolution.
private struct DepthwiseWindow {
  private let offset: Int32
  private let range: mcu_range
  private let weights: UnsafePointer<Int8>
  private let channels: UnsafePointer<mcu_channel>
  private let outputChannels: Int
  /// Output channels for each input channel.
  private let multiplier: Int
  /// Weights from one row of taps to the next.
  private let kernelRow: Int
  /// Elements from one tap to the tap below it, and to the tap right of it.
  private let rowStride: Int
  private let columnStride: Int

  init(_ record: OperatorRecord, _ memory: PlanMemory) {
    offset = -record.signed(.inputZeroPoint)
    range = mcu_range(record)
    weights = memory.constants(record).int8
    channels = memory.rows(record).assumingMemoryBound(to: mcu_channel.self)
    outputChannels = record.int(.outputChannels)
    multiplier = record.int(.own0)
    kernelRow = record.int(.kernelWidth) * outputChannels
    columnStride = record.int(.dilationWidth) &* record.int(.inputChannels)
    rowStride =
      record.int(.dilationHeight) &* record.int(.inputWidth) &* record.int(.inputChannels)
  }

  /// Where the weights of a window's first tap lie.
  @inline(__always)
  private func firstTap(_ window: WindowTaps) -> Int {
    window.rows.lowerBound &* kernelRow &+ window.columns.lowerBound &* outputChannels
  }

  @inline(__always)
  private func taps(_ window: WindowTaps) -> mcu_taps {
    mcu_taps(
      x: window.corner, row_stride: rowStride, column_stride: columnStride,
      weights: weights + firstTap(window),
      weights_row_stride: kernelRow, weights_column_stride: outputChannels,
      rows: window.rows.count, columns: window.columns.count, offset: offset)
  }

  /// One output for each input channel.
  @inline(__always)
  func run(_ window: WindowTaps) {
    mcu_depthwise(taps(window), outputChannels, channels, range, window.output)
  }

  /// Several outputs for each input channel, one after another.
  @inline(__always)
  func multiply(_ window: WindowTaps) {
    var taps = taps(window)
    let weights = weights + firstTap(window)
    for channel in 0..<outputChannels {
      // The sum's input and weights are those of channel 0 from here.
      taps.x = window.corner + channel / multiplier
      taps.weights = weights + channel
      window.output[channel] = mcu_finish(
        mcu_depthwise_sum(taps, 0), channels + channel, range)
    }
  }
}
