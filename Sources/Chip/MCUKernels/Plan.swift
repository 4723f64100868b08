/// A validated plan image: what the device runs.
///
/// The image is what the chip holds in flash; `docs/plan.md` gives it byte by byte. A plan is a view:
/// it owns neither the image, which must outlive it unchanged, nor the arena that it runs in. Every
/// offset, size and index of the image is checked once, here, so that running can never write
/// outside the arena, whatever the image holds. Nothing is allocated, then or later.
///
/// It is as small as a pointer, because a device hands it around on a small stack: what the header says
/// is read where it lies.
public struct Plan {
  private let header: PlanRecord

  /// Checks `image` and makes a view of it.
  ///
  /// - Throws: ``PlanError``: the first fault found. A plan written for another version is refused.
  public init(image: UnsafeRawBufferPointer) throws(PlanError) {
    header = PlanRecord(base: try PlanHeader(image: image).base)
    for index in 0..<(inputCount + outputCount) {
      guard PlanTensor(record: tensorRecord(index), arenaSize: arenaSize) != nil else {
        throw .malformedTensor(index: index)
      }
    }
    for index in 0..<operatorCount {
      guard
        OperatorValidator(record: record(index), imageSize: length, arenaSize: arenaSize)
          .isValid(image: self.image)
      else { throw .malformedOperator(index: index) }
    }
    try checkPaths()
  }

  /// Records in the plan, a camera operator included.
  public var operatorCount: Int { Int(header.word(PlanFormat.Header.operatorCount)) }

  /// Bytes that running needs; the arena starts at a multiple of 4 (of 16 on the chip).
  public var arenaSize: Int { Int(header.word(PlanFormat.Header.arenaSize)) }

  public var inputCount: Int { Int(header.half(PlanFormat.Header.inputCount)) }
  public var outputCount: Int { Int(header.half(PlanFormat.Header.outputCount)) }

  /// Classes of the bundle's labels; 0 for a bare model.
  public var classCount: Int { Int(header.half(PlanFormat.Header.classCount)) }

  public var scheme: PlanScheme {
    PlanScheme(rawValue: header.byte(PlanFormat.Header.scheme)) ?? .none
  }

  /// From 1 to 32: ``block(_:)``.
  public var blockCount: Int { Int(header.byte(PlanFormat.Header.blockCount)) }

  /// The bundle's ways to answer, at most 256; 0 for a bare model.
  public var pathCount: Int { Int(header.half(PlanFormat.Header.pathCount)) }

  var sendCount: Int { Int(header.half(PlanFormat.Header.sendCount)) }
  var exitCount: Int { Int(header.half(PlanFormat.Header.exitCount)) }
  private var length: Int { Int(header.word(PlanFormat.Header.length)) }

  var image: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: header.base, count: length) }

  /// The image's first byte.
  var imageBase: UnsafeRawPointer { header.base }

  /// A table of the image by the header's field that has its offset.
  private func table(_ field: Int) -> UnsafeRawPointer {
    // A table without entries has an offset that nobody checked.
    header.base + Int(truncatingIfNeeded: header.word(field))
  }

  /// The table of the blocks' ends.
  var blocks: PlanRecord { PlanRecord(base: table(PlanFormat.Header.blocksOffset)) }

  /// Checks blocks, sends, exits and paths; a path's parts before the path.
  private func checkPaths() throws(PlanError) {
    guard hasValidBlocks else { throw .malformedBlocks }
    for index in 0..<sendCount where !PlanSend(plan: self, record: sendRecord(index)).isValid {
      throw .malformedSend(index: index)
    }
    for index in 0..<exitCount where !PlanExit(plan: self, record: exitRecord(index)).isValid {
      throw .malformedExit(index: index)
    }
    for index in 0..<pathCount where !path(index).isValid {
      throw .malformedPath(index: index)
    }
  }

  /// The SHA-256 of the bundle's manifest that the plan was compiled from, 32 bytes; zeros for a
  /// bare model.
  public var bundleDigest: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      rebasing: image[PlanFormat.Header.digest..<PlanFormat.Header.arenaSize])
  }

  /// Input `index`, in the graph's order. An index that the plan does not have is a caller's bug.
  public func input(_ index: Int) -> PlanTensor {
    precondition(index >= 0 && index < inputCount)
    return tensor(index)
  }

  /// Output `index`, in the graph's order. An index that the plan does not have is a caller's bug.
  public func output(_ index: Int) -> PlanTensor {
    precondition(index >= 0 && index < outputCount)
    return tensor(inputCount + index)
  }

  /// The index of the first input with a role, or nil.
  public func inputIndex(role: PlanTensor.Role) -> Int? {
    for index in 0..<inputCount where input(index).role == role { return index }
    return nil
  }

  /// The bundle's path at position `index` of its manifest. An index that the plan does not have is
  /// a caller's bug.
  public func path(_ index: Int) -> PlanPath {
    precondition(index >= 0 && index < pathCount)
    return PlanPath(
      plan: self,
      record: PlanRecord(
        base: table(PlanFormat.Header.pathsOffset) + index * PlanFormat.pathRecordSize))
  }

  /// The sizes of operator `index`. An index that the plan does not have is a caller's bug.
  public func geometry(ofOperator index: Int) -> OperatorGeometry {
    precondition(index >= 0 && index < operatorCount)
    let record = record(index)
    guard let kind = record.kind else { preconditionFailure() }
    return OperatorGeometry(
      kind: kind,
      inputHeight: record.int(.inputHeight), inputWidth: record.int(.inputWidth),
      inputChannels: record.int(.inputChannels), outputHeight: record.int(.outputHeight),
      outputWidth: record.int(.outputWidth), outputChannels: record.int(.outputChannels),
      kernelHeight: record.int(.kernelHeight), kernelWidth: record.int(.kernelWidth),
      strideHeight: record.int(.strideHeight), strideWidth: record.int(.strideWidth),
      inputElements: record.int(.inputElements), outputElements: record.int(.outputElements),
      macs: Int(clamping: record.macs), insideTaps: insideTaps(record),
      windowRuns: windowRuns(record), finish: finish(record))
  }

  private func insideTaps(_ record: OperatorRecord) -> Int {
    let rows = WindowAxis.vertical(record).insideTaps(positions: record.int(.outputHeight))
    let columns = WindowAxis.horizontal(record).insideTaps(positions: record.int(.outputWidth))
    return Int(clamping: Int64(record.int(.batches)) * Int64(rows) * Int64(columns))
  }

  private func windowRuns(_ record: OperatorRecord) -> Int {
    let runs = WindowAxis.horizontal(record).runs(positions: record.int(.outputWidth))
    return Int(
      clamping: Int64(record.int(.batches)) * Int64(record.int(.outputHeight)) * Int64(runs))
  }

  private func finish(_ record: OperatorRecord) -> OperatorGeometry.Finish {
    guard record.has(PlanFormat.flagQuickRows) else { return .exact }
    let range = OutputRange(record)
    return range.low == -128 && range.high == 127 ? .quick : .clamped
  }

  func record(_ index: Int) -> OperatorRecord {
    OperatorRecord(
      base: table(PlanFormat.Header.operatorsOffset) + index * PlanFormat.operatorRecordSize)
  }

  func sendRecord(_ index: Int) -> PlanRecord {
    PlanRecord(base: table(PlanFormat.Header.sendsOffset) + index * PlanFormat.sendRecordSize)
  }

  func exitRecord(_ index: Int) -> PlanRecord {
    PlanRecord(base: table(PlanFormat.Header.exitsOffset) + index * PlanFormat.exitRecordSize)
  }

  /// Whether a table of `count` entries of `size` bytes lies in the image, at an aligned place.
  func hasTable(at offset: UInt32, count: Int, size: Int) -> Bool {
    PlanRecord.table(at: offset, count: count, size: size, length: image.count) != nil
  }

  private func tensorRecord(_ index: Int) -> UnsafeRawPointer {
    table(PlanFormat.Header.tensorsOffset) + index * PlanFormat.tensorRecordSize
  }

  private func tensor(_ index: Int) -> PlanTensor {
    guard let tensor = PlanTensor(record: tensorRecord(index), arenaSize: arenaSize) else {
      preconditionFailure("the image was changed after it was checked")
    }
    return tensor
  }
}

/// A plan is a view of an immutable image.
extension Plan: @unchecked Sendable {}
