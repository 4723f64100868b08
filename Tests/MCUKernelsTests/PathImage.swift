/// A plan image with paths, put together by hand after `docs/plan.md`.
///
/// Two paths of three classes: the first sends `features` by the range coder, its second channel
/// before the first, and has a device exit
/// with alpha and the server's; the second has the device exit alone, without alpha. No operators.
struct PathImage {
  static let tensors = 128
  static let features = tensors + 64
  static let logits = tensors + 128
  static let blocks = 320
  static let paths = 336
  static let secondPath = paths + 64
  static let send = 464
  static let exits = 528
  static let serverExit = exits + 32
  static let symbols = 640
  static let confidence = symbols + 512
  static let alpha = confidence + 1024
  static let coderTables = alpha + 16
  static let coderTablesLength = 20
  static let channels = coderTables + 32
  static let end = channels + 16

  private(set) var bytes = [UInt8](repeating: 0, count: end)

  static let valid: [UInt8] = {
    var image = PathImage()
    image.header()
    image.records()
    image.tables()
    return ImageSeal.sealed(image.bytes)
  }()

  private mutating func header() {
    bytes.replaceSubrange(0..<4, with: Array("AGNP".utf8))
    store16(3, 4)
    store16(128, 6)
    store32(UInt32(Self.end), 8)
    store32(64, 48)
    store32(UInt32(Self.tensors), 60)
    store16(1, 64)
    store16(2, 66)
    store16(3, 68)
    bytes[70] = 1
    bytes[71] = 2
    store32(UInt32(Self.blocks), 72)
    store16(2, 76)
    store16(1, 78)
    store16(3, 80)
    store32(UInt32(Self.paths), 84)
    store32(UInt32(Self.send), 88)
    store32(UInt32(Self.exits), 92)
  }

  private mutating func records() {
    tensor(Self.tensors, arena: 0, [1, 2, 1, 2])
    tensor(Self.features, arena: 16, [1, 2, 1, 2])
    tensor(Self.logits, arena: 32, [1, 3])

    bytes[Self.paths] = 1
    store16(0, Self.paths + 2)
    store16(0, Self.paths + 4)
    store16(2, Self.paths + 6)
    store16(0xFFFF, Self.secondPath + 2)
    store16(2, Self.secondPath + 4)
    store16(1, Self.secondPath + 6)

    bytes[Self.send + 2] = 2
    store32(0b01, Self.send + 4)
    store32(UInt32(Self.symbols), Self.send + 8)
    store16(2, Self.send + 12)
    store16(5, Self.send + 14)
    store32(UInt32(Self.coderTables), Self.send + 16)
    store32(UInt32(Self.coderTablesLength), Self.send + 20)
    store32(UInt32(Self.channels), Self.send + 24)
    store16(2, Self.send + 28)

    for exit in [Self.exits, Self.exits + 64] {
      store16(1, exit + 2)
      store32(0b11, exit + 4)
      store32(Float(0.75).bitPattern, exit + 8)
      store32(UInt32(Self.confidence), exit + 12)
    }
    store32(UInt32(Self.alpha), Self.exits + 16)
    store16(3, Self.exits + 20)
    bytes[Self.serverExit] = 1
    store32(Float(2).bitPattern, Self.serverExit + 8)
  }

  private mutating func tables() {
    for index in 0..<512 { bytes[Self.symbols + index] = UInt8(index % 5) }
    for difference in 0..<256 {
      store32((1 / Float(1 + difference)).bitPattern, Self.confidence + 4 * difference)
    }
    for (index, alpha) in [Float(1), 0.5, 0.25].enumerated() {
      store32(alpha.bitPattern, Self.alpha + 4 * index)
    }
    store16(1, Self.channels)
    for index in 0..<Self.coderTablesLength { bytes[Self.coderTables + index] = 0xAB }
  }

  private mutating func tensor(_ record: Int, arena: UInt32, _ shape: [UInt32]) {
    store32(arena, record)
    store32(shape.reduce(1, *), record + 4)
    store32(Float(0.5).bitPattern, record + 8)
    bytes[record + 16] = 1
    bytes[record + 18] = UInt8(shape.count)
    for (index, extent) in shape.enumerated() { store32(extent, record + 20 + 4 * index) }
  }

  private mutating func store16(_ value: UInt16, _ offset: Int) {
    bytes[offset] = UInt8(truncatingIfNeeded: value)
    bytes[offset + 1] = UInt8(truncatingIfNeeded: value >> 8)
  }

  private mutating func store32(_ value: UInt32, _ offset: Int) {
    store16(UInt16(truncatingIfNeeded: value), offset)
    store16(UInt16(truncatingIfNeeded: value >> 16), offset + 2)
  }
}
