/// What ``RangeTables`` checks when it is opened; `docs/coding.md` gives the layout.
///
/// Every check names the byte at which it failed.
struct TableCheck {
  let alphabetSize: Int
  let channels: Int
  let contexts: Int
  let byteCount: Int
  let contextsOffset: Int
  let leastFrequency: Int
  let base: UnsafeRawPointer

  init(_ blob: UnsafeRawBufferPointer) throws(CodingError) {
    guard blob.count >= RangeTables.headerSize, let base = blob.baseAddress,
      Int(bitPattern: base) % RangeTables.alignment == 0,
      Self.u32(base, 0) == 0x4352_4741
    else { throw .malformedTables(offset: 0) }
    self.base = base
    try Self.require(base.load(fromByteOffset: 4, as: UInt8.self) == 1, at: 4)
    try Self.require(base.load(fromByteOffset: 5, as: UInt8.self) == RangeTables.totalBits, at: 5)
    alphabetSize = Self.u16(base, 6)
    try Self.require(LZW.alphabetSizes.contains(alphabetSize), at: 6)
    channels = Self.u16(base, 8)
    try Self.require(1...256 ~= channels, at: 8)
    contexts = Self.u16(base, 10)
    try Self.require(1...RangeTables.maximumContexts ~= contexts, at: 10)
    byteCount = Self.u32(base, 12)
    let records = RangeTables.headerSize + channels * RangeTables.recordSize
    try Self.require(byteCount >= records && byteCount <= blob.count, at: 12)
    contextsOffset = Self.u32(base, 16)
    leastFrequency = Self.u16(base, 20)
    try Self.require(1...RangeTables.total ~= leastFrequency, at: 20)
    for offset in 22..<RangeTables.headerSize {
      try Self.require(base.load(fromByteOffset: offset, as: UInt8.self) == 0, at: offset)
    }
    try Self.require(
      holds(contextsOffset, count: 2 * contexts * (alphabetSize + 1), alignment: 2), at: 16)
  }

  /// Cumulative frequencies rise from 0 to the total, by the least frequency or more each time.
  func checkContexts() throws(CodingError) {
    var offset = contextsOffset
    for _ in 0..<contexts {
      var previous = -leastFrequency
      for symbol in 0...alphabetSize {
        let value = Self.u16(base, offset)
        try Self.require(
          symbol == 0 ? value == 0 : value - previous >= leastFrequency, at: offset)
        previous = value
        offset += 2
      }
      try Self.require(previous == RangeTables.total, at: offset - 2)
    }
  }

  /// References are earlier channels, no sum leads out of the map, nor any entry of the map out of
  /// the contexts.
  func check(channel: Int) throws(CodingError) {
    let record = RangeTables.headerSize + channel * RangeTables.recordSize
    let entries = alphabetSize + 1
    let above = Self.u32(base, record)
    let before = Self.u32(base, record + 4)
    let far = Self.u32(base, record + 8)
    let map = Self.u32(base, record + 12)
    let farSums = Self.u16(base, record + 16)
    let references = u8(record + 18)
    try Self.require(holds(above, count: 4 * entries, alignment: 4), at: record)
    try Self.require(holds(before, count: 2 * entries, alignment: 2), at: record + 4)
    try Self.require(holds(far, count: 4 * entries, alignment: 4), at: record + 8)
    try Self.require(1...1024 ~= farSums, at: record + 16)
    let mapLength = RangeTables.nearSums * farSums
    try Self.require(holds(map, count: mapLength, alignment: 1), at: record + 12)
    try Self.require(references <= RangeTables.maximumReferences, at: record + 18)
    let isUniform = u8(record + 19) == 1
    try Self.require(isUniform || u8(record + 19) == 0, at: record + 19)
    try Self.require(!isUniform || references == 0, at: record + 18)
    try Self.require(!isUniform || farSums == 1, at: record + 16)
    for offset in record + 28..<record + 32 { try Self.require(u8(offset) == 0, at: offset) }
    var sum = 0
    for index in 0..<RangeTables.maximumReferences {
      let reference = u8(record + 20 + index)
      let place = u8(record + 24 + index)
      let most = most(far + index, step: 4, count: entries)
      sum += most
      if index < references {
        try Self.require(reference < channel, at: record + 20 + index)
        try Self.require(place < RangeReference.places, at: record + 24 + index)
      } else {
        try Self.require(reference == 0, at: record + 20 + index)
        try Self.require(place == 0, at: record + 24 + index)
        try Self.require(most == 0, at: far)
      }
    }
    try Self.require(sum < farSums, at: record + 16)
    var near = 0
    for column in 0..<4 { near += most(above + column, step: 4, count: entries) }
    for column in 0..<2 { near += most(before + column, step: 2, count: entries) }
    try Self.require(near < (isUniform ? 1 : RangeTables.nearSums), at: above)
    for index in 0..<mapLength {
      try Self.require(u8(map + index) < contexts, at: map + index)
    }
  }

  /// The largest of `count` bytes, `step` apart.
  private func most(_ offset: Int, step: Int, count: Int) -> Int {
    var most = 0
    for index in 0..<count { most = max(most, u8(offset + index * step)) }
    return most
  }

  /// Whether so many bytes at an offset are the blob's and behind the records.
  private func holds(_ offset: Int, count: Int, alignment: Int) -> Bool {
    offset % alignment == 0
      && offset >= RangeTables.headerSize + channels * RangeTables.recordSize
      && offset <= byteCount && count <= byteCount - offset
  }

  private func u8(_ offset: Int) -> Int { Int(base.load(fromByteOffset: offset, as: UInt8.self)) }

  private static func u16(_ base: UnsafeRawPointer, _ offset: Int) -> Int {
    Int(UInt16(littleEndian: base.load(fromByteOffset: offset, as: UInt16.self)))
  }

  /// Saturated where `Int` has 32 bits.
  private static func u32(_ base: UnsafeRawPointer, _ offset: Int) -> Int {
    Int(clamping: UInt32(littleEndian: base.load(fromByteOffset: offset, as: UInt32.self)))
  }

  private static func require(_ condition: Bool, at offset: Int) throws(CodingError) {
    guard condition else { throw .malformedTables(offset: offset) }
  }
}
