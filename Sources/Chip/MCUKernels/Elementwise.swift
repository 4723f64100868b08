import MCUIntrinsics

extension Plan {
  /// ADD: both inputs, brought by their tables to twice the larger scale with 20 fraction bits, are
  /// added, and the sum is brought to the output's scale.
  func add(_ record: OperatorRecord, _ memory: PlanMemory) {
    let tables = memory.constants(record).assumingMemoryBound(to: Int32.self)
    var addition = mcu_addition(
      first: tables, second: tables + 256,
      channel: mcu_channel(
        bias: 0, multiplier: record.signed(.own0), shift: record.signed(.own1),
        addend: record.signed(.own2)),
      range: mcu_range(record))
    forEachRun(record, memory) { run in
      mcu_add_run(
        mcu_operands(
          x: run.first, y: run.second, x_stride: run.firstStride, y_stride: run.secondStride),
        run.count, &addition, run.output)
    }
  }

  /// MUL: the product of the two differences from their zero points, rescaled.
  func multiply(_ record: OperatorRecord, _ memory: PlanMemory) {
    let firstZeroPoint = record.signed(.inputZeroPoint)
    let secondZeroPoint = record.signed(.secondZeroPoint)
    let multiplier = record.signed(.own0)
    let shift = record.signed(.own1)
    let range = OutputRange(record)
    forEachRun(record, memory) { run in
      for index in 0..<run.count {
        let first = Int32(run.first[index &* run.firstStride])
        let second = Int32(run.second[index &* run.secondStride])
        let product = (first &- firstZeroPoint) &* (second &- secondZeroPoint)
        let scaled = mcu_requantise(product, multiplier, shift)
        run.output[index] = Int8(
          truncatingIfNeeded: mcu_clamp(scaled &+ range.zeroPoint, range.low, range.high))
      }
    }
  }

  /// Calls `body` for every run of the output's elements, each operand walked with its own strides,
  /// of which broadcast dimensions have 0.
  @inline(__always)
  private func forEachRun(
    _ record: OperatorRecord, _ memory: PlanMemory, _ body: (ElementRun) -> Void
  ) {
    let loops = LoopNest(rows: memory.rows(record))
    let outer = record.int(.rowCount) - 1
    let firsts = memory.input(record).int8
    let seconds = memory.second(record).int8
    var output = memory.output(record).int8
    guard outer >= 0 else {
      body(
        ElementRun(
          first: firsts, firstStride: 1, second: seconds, secondStride: 1, output: output,
          count: 1))
      return
    }
    let count = loops.count(outer)
    let firstStride = loops.firstStride(outer)
    let secondStride = loops.secondStride(outer)
    loops.visit(row: 0, end: outer, first: 0, second: 0) { first, second in
      body(
        ElementRun(
          first: firsts + first, firstStride: firstStride, second: seconds + second,
          secondStride: secondStride, output: output, count: count))
      output += count
    }
  }
}

/// Elements of two operands, each a stride apart, and where their results go, side by side.
private struct ElementRun {
  let first: UnsafePointer<Int8>
  let firstStride: Int
  let second: UnsafePointer<Int8>
  let secondStride: Int
  let output: UnsafeMutablePointer<Int8>
  let count: Int
}
