/// A plan image's header, its fields in range and its tables inside the image.
struct PlanHeader {
  let base: UnsafeRawPointer
  let length: Int
  let arenaSize: Int
  let operatorCount: Int
  let operatorsOffset: Int
  let tensorsOffset: Int
  let inputCount: Int
  let outputCount: Int
  let alpha: Float?
  private let symbolsOffset: Int
  private let symbolChannels: Int
  private let alphabetSize: Int

  /// Reads and checks the header and the checksum of the whole image.
  init(image: UnsafeRawBufferPointer) throws(PlanError) {
    typealias Header = PlanFormat.Header
    guard image.count >= PlanFormat.headerSize, let base = image.baseAddress else {
      throw .truncated
    }
    guard UInt(bitPattern: base) % 4 == 0 else { throw .misaligned }
    func word(_ offset: Int) -> UInt32 {
      UInt32(littleEndian: base.load(fromByteOffset: offset, as: UInt32.self))
    }
    func half(_ offset: Int) -> UInt16 {
      UInt16(littleEndian: base.load(fromByteOffset: offset, as: UInt16.self))
    }
    guard word(Header.magic) == PlanFormat.magic else { throw .notAPlan }
    guard half(Header.version) == PlanFormat.version else {
      throw .unsupportedVersion(half(Header.version))
    }
    guard word(Header.length) <= UInt32(PlanFormat.sizeLimit) else { throw .malformedHeader }
    self.base = base
    length = Int(word(Header.length))
    guard length >= PlanFormat.headerSize, length <= image.count else { throw .truncated }
    var crc = CRC32()
    crc.update(UnsafeRawBufferPointer(rebasing: image[..<Header.checksum]))
    crc.update(UnsafeRawBufferPointer(rebasing: image[Header.digest..<length]))
    guard crc.value == word(Header.checksum) else { throw .wrongChecksum }

    let limit = UInt32(PlanFormat.sizeLimit)
    guard Int(half(Header.headerSize)) == PlanFormat.headerSize,
      word(Header.arenaSize) <= limit, word(Header.operatorCount) <= limit,
      image[Header.flags] & ~Header.flagAlpha == 0,
      image[Header.coder] <= Header.coderLZW,
      image[Header.reserved..<PlanFormat.headerSize].allSatisfy({ $0 == 0 })
    else { throw .malformedHeader }
    arenaSize = Int(word(Header.arenaSize))
    operatorCount = Int(word(Header.operatorCount))
    inputCount = Int(half(Header.inputCount))
    outputCount = Int(half(Header.outputCount))
    alphabetSize = Int(half(Header.alphabetSize))
    symbolChannels = Int(half(Header.symbolChannels))
    guard
      let operators = Self.table(
        at: word(Header.operatorsOffset), count: operatorCount,
        size: PlanFormat.operatorRecordSize, length: length),
      let tensors = Self.table(
        at: word(Header.tensorsOffset), count: inputCount + outputCount,
        size: PlanFormat.tensorRecordSize, length: length),
      let symbols = Self.table(
        at: word(Header.symbolsOffset), count: symbolChannels, size: 256, length: length)
    else { throw .malformedHeader }
    operatorsOffset = operators
    tensorsOffset = tensors
    symbolsOffset = symbols
    if image[Header.flags] & Header.flagAlpha != 0 {
      let value = Float(bitPattern: word(Header.alpha))
      guard value >= 0, value <= 1 else { throw .malformedHeader }
      alpha = value
    } else {
      alpha = nil
    }
  }

  /// The symbol tables, or nil where the plan has none.
  func symbolTable() throws(PlanError) -> PlanSymbolTable? {
    guard symbolChannels > 0 else { return nil }
    guard alphabetSize >= 1, alphabetSize <= 256 else { throw .malformedSymbols }
    let tables = (base + symbolsOffset).assumingMemoryBound(to: UInt8.self)
    for index in 0..<(256 * symbolChannels) where Int(tables[index]) >= alphabetSize {
      throw .malformedSymbols
    }
    return PlanSymbolTable(channels: symbolChannels, alphabetSize: alphabetSize, tables: tables)
  }

  /// The offset of a table of `count` records of `size` bytes, or nil where it leaves the image.
  private static func table(at offset: UInt32, count: Int, size: Int, length: Int) -> Int? {
    guard count > 0 else { return 0 }
    guard offset <= UInt32(PlanFormat.sizeLimit), Int(offset) % PlanFormat.alignment == 0,
      Int(offset) <= length, count <= (length - Int(offset)) / size
    else { return nil }
    return Int(offset)
  }
}
