extension Plan {
  /// AVERAGE_POOL_2D: the mean of the taps inside the input, ties away from zero.
  func poolAverage(_ record: OperatorRecord, _ memory: PlanMemory) {
    let channels = record.int(.inputChannels)
    let range = OutputRange(record)
    let rowStride = record.int(.inputWidth) * channels
    forEachWindow(record, memory) { window in
      let rows = window.rows.count
      let columns = window.columns.count
      let taps = Int32(truncatingIfNeeded: rows &* columns)
      for channel in 0..<channels {
        var sum: Int32 = 0
        var row = window.corner + channel
        for _ in 0..<rows {
          for column in 0..<columns { sum = sum &+ Int32(row[column &* channels]) }
          row += rowStride
        }
        let half = taps / 2
        // A window without a tap, which no compiler writes, has the mean 0.
        let mean = taps > 0 ? (sum > 0 ? sum &+ half : sum &- half) / taps : 0
        window.output[channel] = Int8(truncatingIfNeeded: min(max(mean, range.low), range.high))
      }
    }
  }

  /// MAX_POOL_2D: the largest of the taps inside the input.
  func poolMaximum(_ record: OperatorRecord, _ memory: PlanMemory) {
    let channels = record.int(.inputChannels)
    let range = OutputRange(record)
    let low = Int8(truncatingIfNeeded: range.low)
    let high = Int8(truncatingIfNeeded: range.high)
    let rowStride = record.int(.inputWidth) * channels
    forEachWindow(record, memory) { window in
      let columns = window.columns.count
      let output = window.output
      for channel in 0..<channels { output[channel] = low }
      var row = window.corner
      for _ in window.rows {
        for column in 0..<columns {
          let tap = row + column &* channels
          for channel in 0..<channels { output[channel] = max(output[channel], tap[channel]) }
        }
        row += rowStride
      }
      for channel in 0..<channels { output[channel] = min(output[channel], high) }
    }
  }
}
