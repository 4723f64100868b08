import MCUIntrinsics

extension Plan {
  /// ADD: both inputs are brought to twice the larger scale with 20 fraction bits, added, and
  /// brought to the output's scale.
  func add(_ record: OperatorRecord, _ memory: PlanMemory) {
    let firstZeroPoint = record.signed(.inputZeroPoint)
    let secondZeroPoint = record.signed(.secondZeroPoint)
    let firstMultiplier = record.signed(.own0)
    let firstShift = record.signed(.own1)
    let secondMultiplier = record.signed(.own2)
    let secondShift = record.signed(.own3)
    let multiplier = record.signed(.own4)
    let shift = record.signed(.own5)
    let range = OutputRange(record)
    combine(record, memory) { first, second in
      let firstScaled = mcu_requantise(
        (Int32(first) &- firstZeroPoint) << 20, firstMultiplier, firstShift)
      let secondScaled = mcu_requantise(
        (Int32(second) &- secondZeroPoint) << 20, secondMultiplier, secondShift)
      let sum = mcu_requantise(firstScaled &+ secondScaled, multiplier, shift)
      return Int8(truncatingIfNeeded: mcu_clamp(sum &+ range.zeroPoint, range.low, range.high))
    }
  }

  /// MUL: the product of the two differences from their zero points, rescaled.
  func multiply(_ record: OperatorRecord, _ memory: PlanMemory) {
    let firstZeroPoint = record.signed(.inputZeroPoint)
    let secondZeroPoint = record.signed(.secondZeroPoint)
    let multiplier = record.signed(.own0)
    let shift = record.signed(.own1)
    let range = OutputRange(record)
    combine(record, memory) { first, second in
      let product = (Int32(first) &- firstZeroPoint) &* (Int32(second) &- secondZeroPoint)
      let scaled = mcu_requantise(product, multiplier, shift)
      return Int8(truncatingIfNeeded: mcu_clamp(scaled &+ range.zeroPoint, range.low, range.high))
    }
  }

  /// Writes `operation` of the two operands to the output, element by element, each operand walked
  /// with its own strides, of which broadcast dimensions have 0.
  @inline(__always)
  private func combine(
    _ record: OperatorRecord, _ memory: PlanMemory, _ operation: (Int8, Int8) -> Int8
  ) {
    let loops = LoopNest(rows: memory.rows(record))
    let outer = record.int(.rowCount) - 1
    let inputs = memory.input(record).int8
    let seconds = memory.second(record).int8
    var output = memory.output(record).int8
    guard outer >= 0 else {
      output[0] = operation(inputs[0], seconds[0])
      return
    }
    let count = loops.count(outer)
    let firstStride = loops.firstStride(outer)
    let secondStride = loops.secondStride(outer)
    loops.visit(row: 0, end: outer, first: 0, second: 0) { first, second in
      let firsts = inputs + first
      let seconds = seconds + second
      for index in 0..<count {
        output[index] = operation(
          firsts[index &* firstStride], seconds[index &* secondStride])
      }
      output += count
    }
  }
}
