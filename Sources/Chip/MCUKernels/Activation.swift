extension Plan {
  /// SOFTMAX over the last dimension, with scale 1/256 and zero point -128.
  ///
  /// The table has exp(-difference · scale · beta) with 31 fraction bits for differences 0 to 255
  /// from the row's largest; those too small to count have 0.
  func softmax(_ record: OperatorRecord, _ memory: PlanMemory) {
    let depth = record.int(.own0)
    let exponentials = memory.constants(record)
    var input = memory.input(record).int8
    var output = memory.output(record).int8
    for _ in 0..<record.int(.own1) {
      var largest = Int8.min
      for index in 0..<depth { largest = max(largest, input[index]) }
      // With 12 integer bits the sum holds up to 4096 rows' worth of ones.
      var sum: Int32 = 0
      for index in 0..<depth {
        let exponential = exponentials.word(Int(largest) - Int(input[index]))
        sum = sum &+ FixedPoint.divide(exponential, byPowerOfTwo: 12)
      }
      let headroom = Int32(sum.leadingZeroBitCount)
      let fraction = Int32(
        bitPattern: (UInt32(bitPattern: sum) << UInt32(headroom)) &- (UInt32(1) << 31))
      let reciprocal = FixedPoint.reciprocalOfOnePlus(fraction)
      let exponent = (12 &- headroom) &+ 31 &- 8
      for index in 0..<depth {
        let exponential = exponentials.word(Int(largest) - Int(input[index]))
        let share = FixedPoint.divide(
          FixedPoint.multiply(reciprocal, exponential), byPowerOfTwo: exponent)
        output[index] = Int8(clamping: share &- 128)
      }
      input += depth
      output += depth
    }
  }

  /// LOGISTIC and QUANTIZE from one 8-bit type to another: a table of 256 bytes, indexed by the
  /// input's byte.
  func lookUp(_ record: OperatorRecord, _ memory: PlanMemory) {
    let table = memory.constants(record).assumingMemoryBound(to: UInt8.self)
    let input = memory.input(record).assumingMemoryBound(to: UInt8.self)
    let output = memory.output(record).assumingMemoryBound(to: UInt8.self)
    for index in 0..<record.int(.outputBytes) { output[index] = table[Int(input[index])] }
  }
}
