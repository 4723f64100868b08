import MCUIntrinsics

extension Plan {
  /// FULLY_CONNECTED: rows of int8 inputs, weights [outputs][inputs].
  func connectFully(_ record: OperatorRecord, _ memory: PlanMemory) {
    let depth = record.int(.inputChannels)
    let outputs = record.int(.outputChannels)
    let offset = -record.signed(.inputZeroPoint)
    let range = OutputRange(record)
    let weights = memory.constants(record).int8
    let weightsZeroPoint = record.signed(.own0)
    let channels = memory.rows(record).assumingMemoryBound(to: mcu_channel.self)
    var input = memory.input(record).int8
    var output = memory.output(record).int8
    for _ in 0..<record.int(.batches) {
      // Σ (input - zero point) · (weight - its zero point), the second zero point taken out.
      var common: Int32 = 0
      if weightsZeroPoint != 0 {
        for index in 0..<depth { common = common &+ (Int32(input[index]) &+ offset) }
        common = common &* (0 &- weightsZeroPoint)
      }
      var channel = 0
      while channel + 4 <= outputs {
        let sums = mcu_dot4(
          mcu_zero4(), input, offset, weights + channel * depth, depth, depth)
        mcu_finish4(
          sums, common, channels + channel, range.zeroPoint, range.low, range.high,
          output + channel)
        channel += 4
      }
      while channel < outputs {
        let sums = mcu_dot1(mcu_zero1(), input, offset, weights + channel * depth, depth)
        output[channel] = mcu_finish(
          mcu_total(sums) &+ common, channels + channel, range.zeroPoint, range.low, range.high)
        channel += 1
      }
      input += depth
      output += outputs
    }
  }
}
