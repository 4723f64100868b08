/// What output pixels side by side see of the input, where all see the same taps of their windows.
struct WindowRun {
  /// What the first of them sees.
  var taps: WindowTaps
  let count: Int
  /// Input elements from one pixel's corner to the next one's.
  let inputStep: Int
}

/// What one output pixel of a convolution or a pool sees of the input.
struct WindowTaps {
  /// The input under the first tap of `rows` and `columns`.
  var corner: UnsafePointer<Int8>
  /// The taps that fall inside the input; empty both where none does.
  let rows: Range<Int>
  let columns: Range<Int>
  /// The output pixel's first channel.
  var output: UnsafeMutablePointer<Int8>
}

extension Plan {
  /// Calls `body` for every output pixel of an NHWC window operator, in the output's order.
  @inline(__always)
  func forEachWindow(
    _ record: OperatorRecord, _ memory: PlanMemory, _ body: (WindowTaps) -> Void
  ) {
    let outputChannels = record.int(.outputChannels)
    forEachWindowRun(record, memory) { run in
      var taps = run.taps
      for _ in 0..<run.count {
        body(taps)
        taps.corner += run.inputStep
        taps.output += outputChannels
      }
    }
  }

  /// Calls `body` for every run of output pixels of an NHWC window operator, in the output's order:
  /// those of a row whose windows lie inside the input from left to right are one run, every other
  /// pixel is a run of its own.
  @inline(__always)
  func forEachWindowRun(
    _ record: OperatorRecord, _ memory: PlanMemory, _ body: (WindowRun) -> Void
  ) {
    let vertical = WindowAxis.vertical(record)
    let horizontal = WindowAxis.horizontal(record)
    let inputChannels = record.int(.inputChannels)
    let outputChannels = record.int(.outputChannels)
    let outputWidth = record.int(.outputWidth)
    let inputRow = record.int(.inputWidth) * inputChannels
    let inputImage = record.int(.inputHeight) * inputRow
    let inputStep = horizontal.stride &* inputChannels
    let input = memory.input(record).int8
    var output = memory.output(record).int8
    for batch in 0..<record.int(.batches) {
      for y in 0..<record.int(.outputHeight) {
        let top = vertical.origin(y)
        let rows = vertical.taps(origin: top)
        var x = 0
        while x < outputWidth {
          let left = horizontal.origin(x)
          let columns = horizontal.taps(origin: left)
          let count = min(horizontal.wholeWindows(from: left), outputWidth &- x)
          let isEmpty = rows.isEmpty || columns.isEmpty
          let corner =
            batch &* inputImage &+ (top &+ rows.lowerBound &* vertical.dilation) &* inputRow
            &+ (left &+ columns.lowerBound &* horizontal.dilation) &* inputChannels
          body(
            WindowRun(
              taps: WindowTaps(
                corner: isEmpty ? input : input + corner, rows: isEmpty ? 0..<0 : rows,
                columns: isEmpty ? 0..<0 : columns, output: output),
              count: count, inputStep: isEmpty ? 0 : inputStep))
          output += count &* outputChannels
          x = x &+ count
        }
      }
    }
  }
}
