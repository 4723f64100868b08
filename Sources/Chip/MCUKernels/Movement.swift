extension Plan {
  /// TRANSPOSE, STRIDED_SLICE, SPLIT and CONCATENATION: runs of bytes from input to output, each
  /// side walked with its own strides.
  func move(_ record: OperatorRecord, _ memory: PlanMemory) {
    let input = memory.input(record) + record.int(.own3)
    let output = memory.output(record) + record.int(.own2)
    let run = record.int(.own1)
    let loops = LoopNest(rows: memory.rows(record))
    let rowCount = record.int(.rowCount)
    // The innermost row is a loop of its own, or each run would cost a call.
    guard rowCount > 0 else {
      Self.copy(run, from: input, to: output)
      return
    }
    let count = loops.count(rowCount - 1)
    let firstStride = loops.firstStride(rowCount - 1)
    let secondStride = loops.secondStride(rowCount - 1)
    loops.visit(row: 0, end: rowCount - 1, first: 0, second: 0) { first, second in
      var source = input + first
      var target = output + second
      if run == 1 {
        for _ in 0..<count {
          target.int8.pointee = source.int8.pointee
          source += firstStride
          target += secondStride
        }
      } else {
        for _ in 0..<count {
          Self.copy(run, from: source, to: target)
          source += firstStride
          target += secondStride
        }
      }
    }
  }

  /// Copies a run: a short one without a call, words first, which may lie anywhere.
  @inline(__always)
  private static func copy(
    _ bytes: Int, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer
  ) {
    guard bytes <= 32 else {
      target.copyMemory(from: source, byteCount: bytes)
      return
    }
    var done = 0
    while done &+ 4 <= bytes {
      target.storeBytes(
        of: source.loadUnaligned(fromByteOffset: done, as: UInt32.self), toByteOffset: done,
        as: UInt32.self)
      done &+= 4
    }
    while done < bytes {
      target.storeBytes(
        of: source.load(fromByteOffset: done, as: UInt8.self), toByteOffset: done, as: UInt8.self)
      done &+= 1
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
          Self.copy(
            pixel, from: row + Int(positions.word(outputHeight + x)) * pixel, to: output)
          output += pixel
        }
      }
      image += record.int(.inputHeight) * inputRow
    }
  }
}
