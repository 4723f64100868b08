extension Plan {
  /// AVERAGE_POOL_2D: the mean of the taps inside the input, ties away from zero.
  func poolAverage(_ record: OperatorRecord, _ memory: PlanMemory) {
    let channels = record.int(.inputChannels)
    let range = OutputRange(record)
    pool(record, memory) { corner, rows, columns, rowStride, output in
      let taps = Int32(truncatingIfNeeded: rows &* columns)
      for channel in 0..<channels {
        var sum: Int32 = 0
        var row = corner + channel
        for _ in 0..<rows {
          for column in 0..<columns { sum = sum &+ Int32(row[column &* channels]) }
          row += rowStride
        }
        let half = taps / 2
        // A window without a tap, which no compiler writes, has the mean 0.
        let mean = taps > 0 ? (sum > 0 ? sum &+ half : sum &- half) / taps : 0
        output[channel] = Int8(truncatingIfNeeded: min(max(mean, range.low), range.high))
      }
    }
  }

  /// MAX_POOL_2D: the largest of the taps inside the input.
  func poolMaximum(_ record: OperatorRecord, _ memory: PlanMemory) {
    let channels = record.int(.inputChannels)
    let range = OutputRange(record)
    let low = Int8(truncatingIfNeeded: range.low)
    let high = Int8(truncatingIfNeeded: range.high)
    pool(record, memory) { corner, rows, columns, rowStride, output in
      for channel in 0..<channels { output[channel] = low }
      var row = corner
      for _ in 0..<rows {
        for column in 0..<columns {
          let tap = row + column &* channels
          for channel in 0..<channels { output[channel] = max(output[channel], tap[channel]) }
        }
        row += rowStride
      }
      for channel in 0..<channels { output[channel] = min(output[channel], high) }
    }
  }

  /// Calls `body` for every output pixel with the input under its first tap, the rows and columns
  /// of taps inside the input, the elements from one row to the next, and the output.
  @inline(__always)
  private func pool(
    _ record: OperatorRecord, _ memory: PlanMemory,
    _ body: (UnsafePointer<Int8>, Int, Int, Int, UnsafeMutablePointer<Int8>) -> Void
  ) {
    let vertical = WindowAxis.vertical(record)
    let horizontal = WindowAxis.horizontal(record)
    let channels = record.int(.inputChannels)
    let rowStride = record.int(.inputWidth) * channels
    let inputImage = record.int(.inputHeight) * rowStride
    let input = memory.input(record).int8
    var output = memory.output(record).int8
    for batch in 0..<record.int(.batches) {
      for y in 0..<record.int(.outputHeight) {
        let top = vertical.origin(y)
        let rows = vertical.taps(origin: top)
        for x in 0..<record.int(.outputWidth) {
          let left = horizontal.origin(x)
          let columns = horizontal.taps(origin: left)
          let isEmpty = rows.isEmpty || columns.isEmpty
          let corner =
            batch &* inputImage &+ (top &+ rows.lowerBound) &* rowStride
            &+ (left &+ columns.lowerBound) &* channels
          body(
            isEmpty ? input : input + corner, isEmpty ? 0 : rows.count,
            isEmpty ? 0 : columns.count, rowStride, output)
          output += channels
        }
      }
    }
  }
}
