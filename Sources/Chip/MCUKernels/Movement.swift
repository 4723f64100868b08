extension Plan {
  /// TRANSPOSE, STRIDED_SLICE, SPLIT and CONCATENATION: runs of bytes from input to output, each
  /// side walked with its own strides.
  func move(_ record: OperatorRecord, _ memory: PlanMemory) {
    let input = memory.input(record) + record.int(.own3)
    let output = memory.output(record) + record.int(.own2)
    let run = record.int(.own1)
    let loops = LoopNest(rows: memory.rows(record))
    let rowCount = record.int(.rowCount)
    guard run == 1, rowCount > 0 else {
      loops.visit(row: 0, end: rowCount, first: 0, second: 0) { first, second in
        (output + second).copyMemory(from: input + first, byteCount: run)
      }
      return
    }
    // Single bytes: a loop of loads and stores, not of calls.
    let count = loops.count(rowCount - 1)
    let firstStride = loops.firstStride(rowCount - 1)
    let secondStride = loops.secondStride(rowCount - 1)
    loops.visit(row: 0, end: rowCount - 1, first: 0, second: 0) { first, second in
      let source = (input + first).int8
      let target = (output + second).int8
      for index in 0..<count { target[index &* secondStride] = source[index &* firstStride] }
    }
  }

  /// PAD and PADV2: the output filled with a four-byte pattern, then the input moved into place.
  func pad(_ record: OperatorRecord, _ memory: PlanMemory) {
    let output = memory.output(record)
    let pattern = record.unsigned(.own0)
    for index in 0..<record.int(.outputBytes) {
      output.storeBytes(
        of: UInt8(truncatingIfNeeded: pattern >> UInt32(8 * (index % 4))), toByteOffset: index,
        as: UInt8.self)
    }
    move(record, memory)
  }

  /// RESIZE_NEAREST_NEIGHBOR: the compiler has computed which row and which column each output
  /// row and column is.
  func resizeNearest(_ record: OperatorRecord, _ memory: PlanMemory) {
    let positions = memory.constants(record)
    let pixel = record.int(.own0)
    let inputRow = record.int(.inputWidth) * pixel
    let outputHeight = record.int(.outputHeight)
    let outputWidth = record.int(.outputWidth)
    var image = memory.input(record)
    var output = memory.output(record)
    for _ in 0..<record.int(.batches) {
      for y in 0..<outputHeight {
        let row = image + Int(positions.word(y)) * inputRow
        for x in 0..<outputWidth {
          output.copyMemory(
            from: row + Int(positions.word(outputHeight + x)) * pixel, byteCount: pixel)
          output += pixel
        }
      }
      image += record.int(.inputHeight) * inputRow
    }
  }
}
