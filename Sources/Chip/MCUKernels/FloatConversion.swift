extension Plan {
  /// QUANTIZE float32 to int8: value / scale rounded, ties away from zero, plus the zero point.
  ///
  /// What int8 cannot hold saturates, infinities too; NaN becomes the zero point, as a Cortex-M7's
  /// conversion has it. (On x86 the reference's result for these depends on the compiler.)
  func quantize(_ record: OperatorRecord, _ memory: PlanMemory) {
    let scale = Float(bitPattern: record.unsigned(.own0))
    let zeroPoint = record.signed(.outputZeroPoint)
    let input = memory.input(record)
    let output = memory.output(record).int8
    for index in 0..<record.int(.outputBytes) {
      let bits = UInt32(
        littleEndian: input.load(fromByteOffset: 4 * index, as: UInt32.self))
      let quotient = Float(bitPattern: bits) / scale
      var rounded: Int32 = 0
      if quotient > -1024, quotient < 1024 {
        // Exact in this range, and without a call to a library's round. (By way of Int, for
        // Float's other initialisers go by 64 bits.)
        rounded = Int32(quotient)
        let remainder = quotient - Float(Int(rounded))
        if remainder >= 0.5 { rounded += 1 }
        if remainder <= -0.5 { rounded -= 1 }
      } else if quotient >= 1024 {
        rounded = 1024
      } else if quotient <= -1024 {
        rounded = -1024
      }
      output[index] = Int8(clamping: rounded &+ zeroPoint)
    }
  }

  /// DEQUANTIZE to float32: scale · (integer - zero point), rounded once.
  ///
  /// The reference multiplies in double and rounds the product, which is exact there, to float32:
  /// the same number.
  func dequantize(_ record: OperatorRecord, _ memory: PlanMemory) {
    let scale = Float(bitPattern: record.unsigned(.own0))
    let zeroPoint = record.signed(.inputZeroPoint)
    let isUnsigned = record.has(PlanFormat.flagInputUnsigned)
    let input = memory.input(record).assumingMemoryBound(to: UInt8.self)
    let output = memory.output(record)
    for index in 0..<record.int(.inputBytes) {
      let value =
        isUnsigned ? Int32(input[index]) : Int32(Int8(bitPattern: input[index]))
      let real = scale * Float(Int(value &- zeroPoint))
      output.storeBytes(
        of: real.bitPattern.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
    }
  }
}
