/// What one output pixel of a convolution or a pool sees of the input.
struct WindowTaps {
  /// The input under the first tap of `rows` and `columns`.
  let corner: UnsafePointer<Int8>
  /// The taps that fall inside the input; empty both where none does.
  let rows: Range<Int>
  let columns: Range<Int>
  /// The output pixel's first channel.
  let output: UnsafeMutablePointer<Int8>
}

extension Plan {
  /// Calls `body` for every output pixel of an NHWC window operator, in the output's order.
  @inline(__always)
  func forEachWindow(
    _ record: OperatorRecord, _ memory: PlanMemory, _ body: (WindowTaps) -> Void
  ) {
    let vertical = WindowAxis.vertical(record)
    let horizontal = WindowAxis.horizontal(record)
    let inputChannels = record.int(.inputChannels)
    let outputChannels = record.int(.outputChannels)
    let inputRow = record.int(.inputWidth) * inputChannels
    let inputImage = record.int(.inputHeight) * inputRow
    let input = memory.input(record).int8
    var output = memory.output(record).int8
    for batch in 0..<record.int(.batches) {
      for y in 0..<record.int(.outputHeight) {
        let top = vertical.origin(y)
        let rows = vertical.taps(origin: top)
        for x in 0..<record.int(.outputWidth) {
          let left = horizontal.origin(x)
          let columns = horizontal.taps(origin: left)
          if rows.isEmpty || columns.isEmpty {
            body(WindowTaps(corner: input, rows: 0..<0, columns: 0..<0, output: output))
          } else {
            let corner =
              batch &* inputImage &+ (top &+ rows.lowerBound &* vertical.dilation) &* inputRow
              &+ (left &+ columns.lowerBound &* horizontal.dilation) &* inputChannels
            body(
              WindowTaps(corner: input + corner, rows: rows, columns: columns, output: output))
          }
          output += outputChannels
        }
      }
    }
  }
}
