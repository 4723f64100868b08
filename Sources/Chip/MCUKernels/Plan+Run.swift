extension Plan {
  /// Runs every operator, in order: from the inputs in the arena to the outputs in the arena.
  ///
  /// Inputs are written before each run, for their memory is used again once they have been read.
  ///
  /// - Throws: ``PlanError/unusableArena(needed:)``, and then nothing has been written.
  public func run(arena: UnsafeMutableRawBufferPointer) throws(PlanError) {
    try run(operators: 0..<operatorCount, arena: arena)
  }

  /// Runs some operators, in order, on what the operators before them left in the arena.
  ///
  /// - Throws: ``PlanError/noSuchOperator(index:)`` or ``PlanError/unusableArena(needed:)``, and then
  ///   nothing has been written.
  public func run(
    operators: Range<Int>, arena: UnsafeMutableRawBufferPointer
  ) throws(PlanError) {
    guard operators.lowerBound >= 0 else { throw .noSuchOperator(index: operators.lowerBound) }
    guard operators.upperBound <= operatorCount else {
      throw .noSuchOperator(index: max(operators.lowerBound, operatorCount))
    }
    let memory = try memory(arena)
    for index in operators { execute(record(index), memory) }
  }

  private func memory(_ arena: UnsafeMutableRawBufferPointer) throws(PlanError) -> PlanMemory {
    guard arena.count >= arenaSize, let base = arena.baseAddress, UInt(bitPattern: base) % 4 == 0
    else { throw .unusableArena(needed: arenaSize) }
    return PlanMemory(arena: base, image: imageBase)
  }

  private func execute(_ record: OperatorRecord, _ memory: PlanMemory) {
    guard let kind = record.kind else { return }
    switch kind {
    case .conv2D: convolve(record, memory)
    case .depthwiseConv2D: convolveDepthwise(record, memory)
    case .fullyConnected: connectFully(record, memory)
    case .add: add(record, memory)
    case .mul: multiply(record, memory)
    case .averagePool2D: poolAverage(record, memory)
    case .maxPool2D: poolMaximum(record, memory)
    case .mean: reduceMean(record, memory)
    case .pad: pad(record, memory)
    case .copy, .transpose, .stridedSlice, .concatenation: move(record, memory)
    case .softmax: softmax(record, memory)
    case .logistic, .requantize: lookUp(record, memory)
    case .quantize: quantize(record, memory)
    case .dequantize: dequantize(record, memory)
    case .resizeNearest: resizeNearest(record, memory)
    case .camera: convertCamera(record, memory)
    }
  }
}
