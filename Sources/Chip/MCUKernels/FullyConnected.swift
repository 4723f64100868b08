import MCUIntrinsics

extension Plan {
  /// FULLY_CONNECTED: rows of int8 inputs, weights [outputs][inputs].
  func connectFully(_ record: OperatorRecord, _ memory: PlanMemory) {
    let depth = record.int(.inputChannels)
    let outputs = record.int(.outputChannels)
    let range = mcu_range(record)
    let weights = memory.constants(record).int8
    let weightsZeroPoint = record.signed(.own0)
    let channels = memory.rows(record).assumingMemoryBound(to: mcu_channel.self)
    var inputs = mcu_inputs(
      x: memory.input(record).int8, depth: depth, offset: -record.signed(.inputZeroPoint),
      common: 0)
    var output = memory.output(record).int8
    for _ in 0..<record.int(.batches) {
      // Σ (input - zero point) · (weight - its zero point), the second zero point taken out.
      inputs.common = 0
      if weightsZeroPoint != 0 {
        for index in 0..<depth {
          inputs.common = inputs.common &+ (Int32(inputs.x[index]) &+ inputs.offset)
        }
        inputs.common = inputs.common &* (0 &- weightsZeroPoint)
      }
      mcu_dense(inputs, weights, outputs, channels, range, output)
      inputs.x += depth
      output += outputs
    }
  }
}
