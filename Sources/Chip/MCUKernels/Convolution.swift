import MCUIntrinsics

extension Plan {
  /// CONV_2D: int8 NHWC input, weights [outputs][taps], a row of taps as long as a column.
  ///
  /// sum = Σ (input - zero point) · weight over the taps inside the input, which is TensorFlow Lite
  /// Micro's reference. What a pixel sees is gathered into a column of 16-bit values, zeros for the
  /// padding; two pixels' columns are multiplied with all weights at once. A grouped convolution is
  /// one for each group.
  func convolve(_ record: OperatorRecord, _ memory: PlanMemory) {
    let groupChannels = record.int(.own0)
    let groups = record.int(.inputChannels) / groupChannels
    for group in 0..<groups {
      var pair = PixelPair(record, memory, group: group, of: groups)
      forEachWindow(record, memory) { window in pair.add(window) }
      pair.finish()
    }
  }
}

/// The columns of two output pixels of a convolution's group, and the product with its weights.
private struct PixelPair {
  private let columns: UnsafeMutablePointer<Int16>
  private let depth: Int
  /// Where a pixel's bytes are put side by side if they do not lie so that four can be widened at
  /// once; behind the columns.
  private let staged: UnsafeMutablePointer<Int8>
  private let isStaged: Bool
  private let offset: Int32
  private let range: mcu_range
  private let weights: UnsafePointer<Int8>
  private let channels: UnsafePointer<mcu_channel>
  private let outputs: Int
  private let groupChannels: Int
  /// The group's first channel, of the input and of the output.
  private let firstInput: Int
  private let firstOutput: Int
  private let kernelHeight: Int
  private let kernelWidth: Int
  /// Elements from one tap to the tap below it, and to the tap right of it.
  private let rowStride: Int
  private let columnStride: Int
  /// The first pixel's output, while the second is awaited.
  private var waiting: UnsafeMutablePointer<Int8>?

  init(_ record: OperatorRecord, _ memory: PlanMemory, group: Int, of groups: Int) {
    groupChannels = record.int(.own0)
    kernelHeight = record.int(.kernelHeight)
    kernelWidth = record.int(.kernelWidth)
    depth = ConvolutionScratch.depth(taps: kernelHeight * kernelWidth * groupChannels)
    let scratch = memory.scratch(record)
    columns = scratch.assumingMemoryBound(to: Int16.self)
    staged = (scratch + ConvolutionScratch.columnBytes(depth: depth)).int8
    isStaged = ConvolutionScratch.isStaged(groupChannels: groupChannels)
    offset = -record.signed(.inputZeroPoint)
    range = mcu_range(record)
    outputs = record.int(.outputChannels) / groups
    firstInput = group * groupChannels
    firstOutput = group * outputs
    weights = memory.constants(record).int8 + firstOutput * depth
    channels =
      memory.rows(record).assumingMemoryBound(to: mcu_channel.self) + firstOutput
    columnStride = record.int(.dilationWidth) &* record.int(.inputChannels)
    rowStride =
      record.int(.dilationHeight) &* record.int(.inputWidth) &* record.int(.inputChannels)
    waiting = nil
  }

  /// Gathers a pixel's column, and multiplies where it is the second.
  @inline(__always)
  mutating func add(_ window: WindowTaps) {
    let output = window.output + firstOutput
    gather(window, pixel: waiting == nil ? 0 : 1)
    if let first = waiting {
      mcu_multiply_columns(columns, depth, weights, outputs, channels, range, first, output)
      waiting = nil
    } else {
      waiting = output
    }
  }

  /// Multiplies the column of a last pixel that has no second.
  func finish() {
    guard let first = waiting else { return }
    mcu_multiply_columns(columns, depth, weights, outputs, channels, range, first, first)
  }

  @inline(__always)
  private func gather(_ window: WindowTaps, pixel: Int) {
    let rows = window.rows
    let taps = window.columns
    let isWhole = rows.count == kernelHeight && taps.count == kernelWidth
    // Taps that lie side by side in memory are one run; a dilated or a grouped row is a run a tap.
    let isContiguous = columnStride == groupChannels
    let runs = isContiguous ? 1 : taps.count
    let length = isContiguous ? taps.count &* groupChannels : groupChannels
    let kernelRow = kernelWidth &* groupChannels
    var input = window.corner + firstInput
    var tap = rows.lowerBound &* kernelRow &+ taps.lowerBound &* groupChannels
    if isStaged {
      if !isWhole {
        let zero = Int8(truncatingIfNeeded: 0 &- offset)
        for index in 0..<depth { staged[index] = zero }
      }
      for _ in 0..<rows.count {
        for run in 0..<runs {
          copyBytes(
            from: input + run &* columnStride, to: staged + tap + run &* groupChannels, length)
        }
        input += rowStride
        tap = tap &+ kernelRow
      }
      mcu_widen(columns, depth, pixel, 0, staged, depth, offset)
    } else {
      if !isWhole { mcu_clear_column(columns, depth, pixel) }
      for _ in 0..<rows.count {
        for run in 0..<runs {
          mcu_widen(
            columns, depth, pixel, tap &+ run &* groupChannels, input + run &* columnStride,
            length, offset)
        }
        input += rowStride
        tap = tap &+ kernelRow
      }
    }
  }

  /// A handful of bytes, for which a call of `memcpy` costs more than it saves.
  @inline(__always)
  private func copyBytes(
    from source: UnsafePointer<Int8>, to target: UnsafeMutablePointer<Int8>, _ count: Int
  ) {
    let words = UnsafeRawPointer(source)
    let places = UnsafeMutableRawPointer(target)
    var index = 0
    while index &+ 4 <= count {
      places.storeBytes(
        of: words.loadUnaligned(fromByteOffset: index, as: UInt32.self), toByteOffset: index,
        as: UInt32.self)
      index = index &+ 4
    }
    while index < count {
      target[index] = source[index]
      index = index &+ 1
    }
  }
}
