/// A plan image's header, its fields in range and its tables inside the image.
struct PlanHeader {
  let base: UnsafeRawPointer
  let length: Int
  let arenaSize: Int
  let operatorCount: Int
  let inputCount: Int
  let outputCount: Int
  let classCount: Int
  let scheme: PlanScheme
  let blockCount: Int
  let pathCount: Int
  let sendCount: Int
  let exitCount: Int
  let operatorsOffset: Int
  let tensorsOffset: Int
  let blocksOffset: Int
  let pathsOffset: Int
  let sendsOffset: Int
  let exitsOffset: Int

  /// Reads and checks the header and the checksum of the whole image.
  init(image: UnsafeRawBufferPointer) throws(PlanError) {
    typealias Header = PlanFormat.Header
    guard image.count >= PlanFormat.headerSize, let base = image.baseAddress else {
      throw .truncated
    }
    guard UInt(bitPattern: base) % 4 == 0 else { throw .misaligned }
    let header = PlanRecord(base: base)
    guard header.word(Header.magic) == PlanFormat.magic else { throw .notAPlan }
    guard header.half(Header.version) == PlanFormat.version else {
      throw .unsupportedVersion(header.half(Header.version))
    }
    let limit = UInt32(PlanFormat.sizeLimit)
    guard header.word(Header.length) <= limit else { throw .malformedHeader }
    let length = Int(header.word(Header.length))
    guard length >= PlanFormat.headerSize, length <= image.count else { throw .truncated }
    var crc = CRC32()
    crc.update(UnsafeRawBufferPointer(rebasing: image[..<Header.checksum]))
    crc.update(UnsafeRawBufferPointer(rebasing: image[Header.digest..<length]))
    guard crc.value == header.word(Header.checksum) else { throw .wrongChecksum }

    guard Int(header.half(Header.headerSize)) == PlanFormat.headerSize,
      header.word(Header.arenaSize) <= limit, header.word(Header.operatorCount) <= limit,
      let scheme = PlanScheme(rawValue: header.byte(Header.scheme)),
      header.half(Header.reservedHalf) == 0,
      header.isZero(Header.reserved..<PlanFormat.headerSize)
    else { throw .malformedHeader }
    self.base = base
    self.length = length
    self.scheme = scheme
    arenaSize = Int(header.word(Header.arenaSize))
    operatorCount = Int(header.word(Header.operatorCount))
    inputCount = Int(header.half(Header.inputCount))
    outputCount = Int(header.half(Header.outputCount))
    classCount = Int(header.half(Header.classCount))
    blockCount = Int(header.byte(Header.blockCount))
    pathCount = Int(header.half(Header.pathCount))
    sendCount = Int(header.half(Header.sendCount))
    exitCount = Int(header.half(Header.exitCount))
    guard blockCount >= 1, blockCount <= PlanFormat.maximumBlocks,
      pathCount <= PlanFormat.maximumPaths, sendCount <= pathCount,
      exitCount <= PlanFormat.maximumExits * pathCount,
      pathCount == 0 || (classCount > 0 && scheme != .none)
    else { throw .malformedHeader }

    func table(_ offset: Int, _ count: Int, _ size: Int) throws(PlanError) -> Int {
      guard
        let place = PlanRecord.table(
          at: header.word(offset), count: count, size: size, length: length)
      else { throw .malformedHeader }
      return place
    }
    operatorsOffset = try table(
      Header.operatorsOffset, operatorCount, PlanFormat.operatorRecordSize)
    tensorsOffset = try table(
      Header.tensorsOffset, inputCount + outputCount, PlanFormat.tensorRecordSize)
    blocksOffset = try table(Header.blocksOffset, blockCount, PlanFormat.blockEntrySize)
    pathsOffset = try table(Header.pathsOffset, pathCount, PlanFormat.pathRecordSize)
    sendsOffset = try table(Header.sendsOffset, sendCount, PlanFormat.sendRecordSize)
    exitsOffset = try table(Header.exitsOffset, exitCount, PlanFormat.exitRecordSize)
  }
}
