import MCUKernels

/// Writes a plan image: `docs/plan.md`.
struct ImageWriter {
  /// An input or output as the image has it.
  struct Tensor {
    let offset: Int
    let byteCount: Int
    let quantisation: Quantisation?
    let elementType: PlanTensor.ElementType
    let role: PlanTensor.Role
    let shape: [Int]
  }

  private(set) var image: [UInt8]

  init(
    operators: [LoweredOperator], layout: ArenaLayout, inputs: [Tensor], outputs: [Tensor],
    tables: BundleTables
  ) throws(CompileError) {
    image = [UInt8](repeating: 0, count: PlanFormat.headerSize)
    let operatorsOffset = reserve(operators.count * PlanFormat.operatorRecordSize)
    let tensors = inputs + outputs
    let tensorsOffset = reserve(tensors.count * PlanFormat.tensorRecordSize)
    for (index, tensor) in tensors.enumerated() {
      write(tensor, at: tensorsOffset + index * PlanFormat.tensorRecordSize)
    }
    // Equal constants, such as a shared lookup table, are stored once.
    var stored: [[UInt8]: Int] = [:]
    let paths = writePaths(tables, stored: &stored)
    for (index, operation) in operators.enumerated() {
      write(
        operation, index, layout: layout,
        at: operatorsOffset + index * PlanFormat.operatorRecordSize, stored: &stored)
      guard image.count <= PlanFormat.sizeLimit else {
        throw .invalidModel(reason: "its constants are too large")
      }
    }
    guard image.count <= PlanFormat.sizeLimit else {
      throw .invalidModel(reason: "its constants are too large")
    }
    writeHeader(
      operators: (operators.count, operatorsOffset), tensorsOffset: tensorsOffset,
      counts: (inputs.count, outputs.count), arenaSize: layout.arenaSize, paths: paths,
      tables: tables)
  }

  private mutating func writeHeader(
    operators: (count: Int, offset: Int), tensorsOffset: Int, counts: (inputs: Int, outputs: Int),
    arenaSize: Int, paths: PathTables, tables: BundleTables
  ) {
    typealias Header = PlanFormat.Header
    store(PlanFormat.magic, at: Header.magic)
    store(PlanFormat.version, at: Header.version)
    store(UInt16(PlanFormat.headerSize), at: Header.headerSize)
    store(UInt32(image.count), at: Header.length)
    image.replaceSubrange(Header.digest..<Header.arenaSize, with: tables.digest)
    store(UInt32(arenaSize), at: Header.arenaSize)
    store(UInt32(operators.count), at: Header.operatorCount)
    store(UInt32(operators.offset), at: Header.operatorsOffset)
    store(UInt32(tensorsOffset), at: Header.tensorsOffset)
    store(UInt16(counts.inputs), at: Header.inputCount)
    store(UInt16(counts.outputs), at: Header.outputCount)
    store(UInt16(tables.classCount), at: Header.classCount)
    store(tables.scheme.rawValue, at: Header.scheme)
    store(UInt8(tables.blocks.count), at: Header.blockCount)
    store(UInt32(paths.blocks), at: Header.blocksOffset)
    store(UInt16(tables.paths.count), at: Header.pathCount)
    store(UInt16(paths.sendCount), at: Header.sendCount)
    store(UInt16(paths.exitCount), at: Header.exitCount)
    store(UInt32(paths.paths), at: Header.pathsOffset)
    store(UInt32(paths.sends), at: Header.sendsOffset)
    store(UInt32(paths.exits), at: Header.exitsOffset)
    var crc = CRC32()
    image.withUnsafeBytes { bytes in
      crc.update(UnsafeRawBufferPointer(rebasing: bytes[..<Header.checksum]))
      crc.update(UnsafeRawBufferPointer(rebasing: bytes[Header.digest...]))
    }
    store(crc.value, at: Header.checksum)
  }

  private mutating func write(_ tensor: Tensor, at offset: Int) {
    store(UInt32(tensor.offset), at: offset + PlanFormat.Tensor.offset)
    store(UInt32(tensor.byteCount), at: offset + PlanFormat.Tensor.byteCount)
    store((tensor.quantisation?.scale ?? 1).bitPattern, at: offset + PlanFormat.Tensor.scale)
    store(Int32(tensor.quantisation?.zeroPoint ?? 0), at: offset + PlanFormat.Tensor.zeroPoint)
    store(tensor.elementType.rawValue, at: offset + PlanFormat.Tensor.elementType)
    store(tensor.role.rawValue, at: offset + PlanFormat.Tensor.role)
    store(UInt8(tensor.shape.count), at: offset + PlanFormat.Tensor.rank)
    for (index, extent) in tensor.shape.enumerated() {
      store(UInt32(extent), at: offset + PlanFormat.Tensor.dimensions + 4 * index)
    }
  }

  private mutating func write(
    _ operation: LoweredOperator, _ index: Int, layout: ArenaLayout, at offset: Int,
    stored: inout [[UInt8]: Int]
  ) {
    func place(_ operand: LoweredOperator.Operand, _ writer: inout ImageWriter) -> Int {
      switch operand {
      case .buffer(let number): layout.offsets[number]
      case .constant(let bytes): writer.append(bytes, once: &stored)
      }
    }
    var words = operation.words
    func set(_ word: PlanFormat.Word, _ value: Int) {
      words[word] = Int32(truncatingIfNeeded: value)
    }
    var flags = operation.flags
    if case .constant = operation.input { flags |= PlanFormat.flagInputInImage }
    if case .constant = operation.second { flags |= PlanFormat.flagSecondInImage }
    set(.kind, Int(operation.geometry.kind.rawValue) | Int(flags))
    set(.inputOffset, place(operation.input, &self))
    set(.inputBytes, operation.inputBytes)
    if let second = operation.second {
      set(.secondOffset, place(second, &self))
      set(.secondBytes, operation.secondBytes)
    }
    if operation.scratchBytes > 0 {
      set(.secondOffset, layout.scratchOffsets[index])
      set(.secondBytes, operation.scratchBytes)
    }
    set(.outputOffset, layout.offsets[operation.output])
    set(.outputBytes, operation.outputBytes)
    set(.batches, operation.batches)
    let geometry = operation.geometry
    for (word, value) in [
      (.inputHeight, geometry.inputHeight), (.inputWidth, geometry.inputWidth),
      (.inputChannels, geometry.inputChannels), (.outputHeight, geometry.outputHeight),
      (.outputWidth, geometry.outputWidth), (.outputChannels, geometry.outputChannels),
      (.kernelHeight, geometry.kernelHeight), (.kernelWidth, geometry.kernelWidth),
      (.strideHeight, geometry.strideHeight), (.strideWidth, geometry.strideWidth),
      (.inputElements, geometry.inputElements), (.outputElements, geometry.outputElements),
      (.macsLow, geometry.macs), (.macsHigh, geometry.macs >> 32),
    ] as [(PlanFormat.Word, Int)] {
      set(word, value)
    }
    if let constants = operation.constants {
      set(.constantsOffset, append(constants, once: &stored))
    }
    if !operation.rows.isEmpty {
      set(.rowsOffset, append(operation.rows.flatMap(\.littleEndianBytes), once: &stored))
      set(.rowCount, operation.rows.count / operation.rowWords)
    }
    for (word, value) in words { store(value, at: offset + 4 * word.rawValue) }
  }

  // MARK: Bytes

  mutating func store<T: FixedWidthInteger>(_ value: T, at offset: Int) {
    image.replaceSubrange(offset..<(offset + T.bitWidth / 8), with: value.littleEndianBytes)
  }

  /// Zeros at the next aligned place, which it returns.
  mutating func reserve(_ count: Int) -> Int {
    let offset = image.count
    let alignment = PlanFormat.alignment
    let padded = (count + alignment - 1) / alignment * alignment
    image.append(contentsOf: repeatElement(0, count: padded))
    return offset
  }

  private mutating func append(_ bytes: [UInt8]) -> Int {
    let offset = reserve(bytes.count)
    image.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    return offset
  }

  mutating func append(_ bytes: [UInt8], once stored: inout [[UInt8]: Int]) -> Int {
    if let offset = stored[bytes] { return offset }
    let offset = append(bytes)
    stored[bytes] = offset
    return offset
  }
}
