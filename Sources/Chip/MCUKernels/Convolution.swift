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
    if groups == 1, isPixelByPixel(record) {
      PixelPair(record, memory, group: 0, of: 1).run(record, memory)
      return
    }
    for group in 0..<groups {
      let pair = PixelPair(record, memory, group: group, of: groups)
      // The first pixel's output, while the second is awaited.
      var waiting: UnsafeMutablePointer<Int8>?
      forEachWindow(record, memory) { window in
        pair.gather(window, pixel: waiting == nil ? 0 : 1)
        if let first = waiting {
          pair.multiply(to: first, window.output)
          waiting = nil
        } else {
          waiting = window.output
        }
      }
      if let last = waiting { pair.multiply(to: last, last) }
    }
  }

  /// Whether each output pixel sees the one input pixel at its place, and no padding.
  private func isPixelByPixel(_ record: OperatorRecord) -> Bool {
    record.int(.kernelHeight) == 1 && record.int(.kernelWidth) == 1
      && record.int(.strideHeight) == 1 && record.int(.strideWidth) == 1
      && record.int(.padTop) == 0 && record.int(.padLeft) == 0
      && record.int(.inputBytes) / record.int(.inputChannels)
        == record.int(.outputBytes) / record.int(.outputChannels)
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

  init(_ record: OperatorRecord, _ memory: PlanMemory, group: Int, of groups: Int) {
    groupChannels = record.int(.own0)
    kernelHeight = record.int(.kernelHeight)
    kernelWidth = record.int(.kernelWidth)
    depth = ConvolutionScratch.depth(taps: kernelHeight * kernelWidth * groupChannels)
    let scratch = memory.scratch(record)
    columns = scratch.assumingMemoryBound(to: Int16.self)
    staged = (scratch + ConvolutionScratch.columnBytes(depth: depth)).int8
    isStaged =
      ConvolutionScratch.isStaged(groupChannels: groupChannels)
      && !(groups == 1 && Self.hasWholeRows(record))
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
  }

  /// Whether each row of each window lies side by side and is a multiple of four bytes, because no window
  /// leaves the input: a stem without padding, for one.
  private static func hasWholeRows(_ record: OperatorRecord) -> Bool {
    func fits(
      _ input: PlanFormat.Word, _ output: PlanFormat.Word, _ kernel: PlanFormat.Word,
      _ stride: PlanFormat.Word, _ dilation: PlanFormat.Word
    ) -> Bool {
      (record.int(output) - 1) * record.int(stride) + (record.int(kernel) - 1)
        * record.int(dilation)
        < record.int(input)
    }
    return record.int(.padTop) == 0 && record.int(.padLeft) == 0
      && record.int(.dilationWidth) == 1
      && record.int(.kernelWidth) * record.int(.inputChannels) % 4 == 0
      && fits(.inputHeight, .outputHeight, .kernelHeight, .strideHeight, .dilationHeight)
      && fits(.inputWidth, .outputWidth, .kernelWidth, .strideWidth, .dilationWidth)
  }

  /// All pixels of a convolution that sees one at a time: the input is gathered as it lies. What a
  /// column takes too much of the next pixel has no weight.
  func run(_ record: OperatorRecord, _ memory: PlanMemory) {
    var input = memory.input(record).int8
    var output = memory.output(record).int8
    let pixels = record.int(.outputBytes) / outputs
    let end = input + record.int(.inputBytes)
    for _ in 0..<(pixels / 2) {
      gather(input, before: end, pixel: 0)
      gather(input + groupChannels, before: end, pixel: 1)
      multiply(to: output, output + outputs)
      input += 2 &* groupChannels
      output += 2 &* outputs
    }
    guard pixels % 2 == 1 else { return }
    gather(input, before: end, pixel: 0)
    multiply(to: output, output)
  }

  @inline(__always)
  private func gather(
    _ input: UnsafePointer<Int8>, before end: UnsafePointer<Int8>, pixel: Int
  ) {
    if end - input >= depth {
      mcu_widen(columns, depth, pixel, 0, input, depth, offset)
    } else {
      // Not a byte more than the input has.
      for index in 0..<groupChannels { staged[index] = input[index] }
      mcu_widen(columns, depth, pixel, 0, staged, depth, offset)
    }
  }

  // Calls, so that the loops over pixels keep their registers, and these loops are in the program
  // once.

  /// Multiplies both columns, to two pixels of the output. For a column alone both are the same.
  @inline(never)
  func multiply(to first: UnsafeMutablePointer<Int8>, _ second: UnsafeMutablePointer<Int8>) {
    mcu_multiply_columns(
      columns, depth, weights, outputs, channels, range, first + firstOutput,
      second + firstOutput)
  }

  /// Gathers the column of pixel 0 or 1.
  @inline(never)
  func gather(_ window: WindowTaps, pixel: Int) {
    let isWhole = window.rows.count == kernelHeight && window.columns.count == kernelWidth
    // Taps that lie side by side in memory are one run; a dilated or a grouped row is a run a tap.
    let isContiguous = columnStride == groupChannels
    let runs = mcu_runs(
      x: window.corner + firstInput, row_stride: rowStride, run_stride: columnStride,
      rows: window.rows.count, runs: isContiguous ? 1 : window.columns.count,
      length: isContiguous ? window.columns.count &* groupChannels : groupChannels)
    let kernelRow = kernelWidth &* groupChannels
    let tap =
      window.rows.lowerBound &* kernelRow &+ window.columns.lowerBound &* groupChannels
    if isStaged {
      if !isWhole {
        let zero = Int8(truncatingIfNeeded: 0 &- offset)
        for index in 0..<depth { staged[index] = zero }
      }
      mcu_gather_bytes(runs, staged + tap, kernelRow)
      mcu_widen(columns, depth, pixel, 0, staged, depth, offset)
    } else {
      if !isWhole { mcu_clear_column(columns, depth, pixel) }
      mcu_gather_column(runs, columns, depth, pixel, tap, kernelRow, offset)
    }
  }
}
