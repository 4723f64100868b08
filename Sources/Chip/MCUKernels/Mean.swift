import MCUIntrinsics

extension Plan {
  /// MEAN: the first loops walk the outputs, the others what each output is the mean of. The count
  /// is in the multiplier, the zero points' share of the sum in `own3`.
  func reduceMean(_ record: OperatorRecord, _ memory: PlanMemory) {
    let loops = LoopNest(rows: memory.rows(record))
    let kept = record.int(.own2)
    let end = record.int(.rowCount)
    let multiplier = record.signed(.own0)
    let shift = record.signed(.own1)
    let bias = record.signed(.own3)
    let range = OutputRange(record)
    let input = memory.input(record).int8
    var output = memory.output(record).int8
    loops.visit(row: 0, end: kept, first: 0, second: 0) { first, _ in
      let sum = bias &+ loops.sum(input + first, row: kept, end: end)
      let scaled = mcu_requantise(sum, multiplier, shift)
      output.pointee = Int8(
        truncatingIfNeeded: mcu_clamp(scaled &+ range.zeroPoint, range.low, range.high))
      output += 1
    }
  }
}
