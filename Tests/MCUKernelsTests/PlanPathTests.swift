import MCUKernels
import SeededRandom
import Testing

/// Blocks, paths, sends and exits, read from images put together by hand.
@Suite struct PlanPathTests {
  @Test func `Every field is where the document says`() throws {
    try PathImage.valid.withUnsafeBytes { bytes in
      let plan = try Plan(image: bytes)
      #expect(plan.classCount == 3)
      #expect(plan.scheme == .agilenn)
      #expect(plan.blockCount == 2)
      #expect(plan.pathCount == 2)

      let path = plan.path(0)
      #expect(path.hasRemote)
      let send = try #require(path.send)
      #expect(send.tensor.offset == 16)
      #expect([send.height, send.width, send.channels] == [2, 1, 2])
      #expect(send.pickedChannels.map(Array.init) == [1, 0])
      #expect(send.blocks == 0b01)
      #expect(send.symbolTableCount == 2)
      #expect(send.symbolTables?.elementsEqual((0..<512).map { UInt8($0 % 5) }) == true)
      #expect(send.alphabetSize == 5)
      #expect(send.coder == .range)
      #expect(send.coderTables?.elementsEqual(repeatElement(0xAB, count: 20)) == true)

      #expect(path.exitCount == 2)
      let local = path.exit(0)
      #expect(!local.isServer)
      #expect(local.tensor?.offset == 32)
      #expect(local.blocks == 0b11)
      #expect(local.threshold == 0.75)
      #expect(local.confidenceTable?.count == 256)
      #expect(local.confidenceTable?.first == 1)
      #expect(local.confidenceTable?.last == 1 / Float(256))
      #expect(local.alpha.map(Array.init) == [1, 0.5, 0.25])
      let server = path.exit(1)
      #expect(server.isServer)
      #expect(server.tensor == nil)
      #expect(server.confidenceTable == nil)
      #expect(server.alpha == nil)
      #expect(server.threshold == 2)

      let alone = plan.path(1)
      #expect(!alone.hasRemote)
      #expect(alone.send == nil)
      #expect(alone.exitCount == 1)
      #expect(alone.exit(0).alpha == nil)
      #expect(alone.exit(0).tensor?.offset == 32)
    }
  }

  private func error(_ offset: Int, _ bytes: [UInt8]) -> PlanError? {
    var image = PathImage.valid
    image.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    return ImageSeal.sealed(image).withUnsafeBytes { bytes -> PlanError? in
      do throws(PlanError) {
        _ = try Plan(image: bytes)
        return nil
      } catch {
        return error
      }
    }
  }

  private static func bytes(_ value: Float) -> [UInt8] {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
  }

  @Test func `Every field out of range`() {
    let (paths, second, send, exits) = (
      PathImage.paths, PathImage.secondPath, PathImage.send, PathImage.exits
    )
    let server = PathImage.serverExit
    let cases: [(Int, [UInt8], PlanError)] = [
      (68, [0, 0], .malformedHeader), (68, [4, 0], .malformedExit(index: 0)),
      (70, [0], .malformedHeader), (71, [1], .malformedExit(index: 0)),
      (76, [1, 1], .malformedHeader),
      (78, [0], .malformedPath(index: 0)), (80, [2], .malformedPath(index: 1)),
      (78, [3], .malformedHeader), (80, [33], .malformedHeader),
      (84, [0x58], .malformedHeader), (88, [0, 0, 1], .malformedHeader),
      (PathImage.blocks, [1], .malformedBlocks), (PathImage.blocks + 4, [1], .malformedBlocks),
      (PathImage.blocks, [0xFF, 0xFF, 0xFF, 0xFF], .malformedBlocks),
      // Paths.
      (paths, [0], .malformedPath(index: 0)), (paths, [3], .malformedPath(index: 0)),
      (paths + 1, [1], .malformedPath(index: 0)), (paths + 2, [1], .malformedPath(index: 0)),
      (paths + 2, [0xFF, 0xFF], .malformedPath(index: 0)),
      (paths + 4, [2], .malformedPath(index: 0)), (paths + 6, [0], .malformedPath(index: 0)),
      (paths + 6, [3], .malformedPath(index: 0)), (paths + 6, [4], .malformedPath(index: 0)),
      (paths + 4, [0xFF, 0xFF], .malformedPath(index: 0)),
      (paths + 63, [1], .malformedPath(index: 0)), (second, [1], .malformedPath(index: 1)),
      // The second path's exit has no server to weigh itself against.
      (second + 4, [0], .malformedPath(index: 1)), (second + 4, [1], .malformedPath(index: 1)),
      // Sends.
      (send, [2], .malformedSend(index: 0)), (send, [1], .malformedSend(index: 0)),
      (send + 2, [3], .malformedSend(index: 0)), (send + 2, [1], .malformedSend(index: 0)),
      (send + 3, [1], .malformedSend(index: 0)), (send + 4, [4], .malformedSend(index: 0)),
      (send + 4, [0], .malformedSend(index: 0)), (send + 8, [0x84], .malformedSend(index: 0)),
      (send + 8, [0, 0, 1], .malformedSend(index: 0)),
      (send + 12, [0], .malformedSend(index: 0)), (send + 12, [3], .malformedSend(index: 0)),
      (send + 14, [4], .malformedSend(index: 0)), (send + 14, [0], .malformedSend(index: 0)),
      (send + 14, [1, 1], .malformedSend(index: 0)),
      (send + 16, [1], .malformedSend(index: 0)),
      (send + 20, [0], .malformedSend(index: 0)), (send + 20, [49], .malformedSend(index: 0)),
      (send + 20, [0xFF, 0xFF, 0xFF, 0xFF], .malformedSend(index: 0)),
      (send + 24, [0, 0, 0, 0], .malformedSend(index: 0)),
      (send + 24, [1], .malformedSend(index: 0)), (send + 24, [0, 0, 1], .malformedSend(index: 0)),
      (send + 28, [0], .malformedSend(index: 0)),
      (send + 28, [0xFF, 0xFF], .malformedSend(index: 0)),
      // Two symbol tables for three channels.
      (send + 28, [3], .malformedSend(index: 0)),
      (PathImage.channels, [2], .malformedSend(index: 0)),
      (PathImage.channels + 3, [1], .malformedSend(index: 0)),
      (send + 30, [1], .malformedSend(index: 0)), (send + 63, [1], .malformedSend(index: 0)),
      (PathImage.symbols + 511, [5], .malformedSend(index: 0)),
      (PathImage.features + 16, [2], .malformedSend(index: 0)),
      (PathImage.features + 18, [3], .malformedTensor(index: 1)),
      // Exits.
      (exits, [2], .malformedExit(index: 0)), (exits, [1], .malformedExit(index: 0)),
      (exits + 1, [1], .malformedExit(index: 0)), (exits + 2, [0], .malformedExit(index: 0)),
      (exits + 2, [2], .malformedExit(index: 0)), (exits + 4, [0], .malformedExit(index: 0)),
      (exits + 7, [0x80], .malformedExit(index: 0)),
      (exits + 8, Self.bytes(.nan), .malformedExit(index: 0)),
      (exits + 8, Self.bytes(-0.1), .malformedExit(index: 0)),
      (exits + 8, Self.bytes(1.5), .malformedExit(index: 0)),
      (exits + 12, [4], .malformedExit(index: 0)),
      (exits + 12, [0, 0, 1], .malformedExit(index: 0)),
      (exits + 16, [4], .malformedExit(index: 0)),
      (exits + 16, [0, 0, 1], .malformedExit(index: 0)),
      (exits + 20, [0], .malformedExit(index: 0)), (exits + 20, [2], .malformedPath(index: 0)),
      (exits + 20, [0xFF, 0xFF], .malformedExit(index: 0)),
      (exits + 31, [1], .malformedExit(index: 0)),
      (server, [0], .malformedExit(index: 1)), (server + 2, [1], .malformedExit(index: 1)),
      (server + 4, [1], .malformedExit(index: 1)),
      (server + 8, Self.bytes(0.5), .malformedExit(index: 1)),
      (server + 12, [0x80, 4], .malformedExit(index: 1)),
      (server + 16, [16], .malformedExit(index: 1)), (server + 20, [1], .malformedExit(index: 1)),
      (PathImage.logits + 8, Self.bytes(0), .malformedExit(index: 0)),
      (PathImage.logits + 8, Self.bytes(.infinity), .malformedExit(index: 0)),
      (PathImage.confidence, Self.bytes(0.5), .malformedExit(index: 0)),
      (PathImage.confidence + 1020, Self.bytes(.nan), .malformedExit(index: 0)),
      (PathImage.confidence + 1020, Self.bytes(1.5), .malformedExit(index: 0)),
      (PathImage.alpha, Self.bytes(-0.5), .malformedExit(index: 0)),
      (PathImage.alpha + 8, Self.bytes(.nan), .malformedExit(index: 0)),
    ]
    for (offset, bytes, expected) in cases {
      #expect(error(offset, bytes) == expected, "byte \(offset) as \(bytes)")
    }
  }

  @Test func `Allowed values are allowed`() {
    #expect(error(PathImage.exits + 8, Self.bytes(0)) == nil)
    #expect(error(PathImage.exits + 8, Self.bytes(1)) == nil)
    #expect(error(PathImage.exits + 8, Self.bytes(2)) == nil)
    // The other device exit behind the server's.
    #expect(error(PathImage.paths + 4, [1]) == nil)
    // One alpha for all, one symbol table for all.
    #expect(error(PathImage.exits + 20, [1]) == nil)
    #expect(error(PathImage.send + 12, [1]) == nil)
    // All channels, in their order.
    #expect(error(PathImage.send + 24, [0, 0, 0, 0, 0, 0]) == nil)
    // LZW and raw have no tables; raw needs no symbols.
    for coder: UInt8 in [0, 1] {
      #expect(error(PathImage.send + 16, [0, 0, 0, 0, 0, 0, 0, 0]) == .malformedSend(index: 0))
      let record: [UInt8] = [coder, 0] + Array(PathImage.valid[(PathImage.send + 4)...].prefix(12))
      #expect(error(PathImage.send + 2, record + [UInt8](repeating: 0, count: 8)) == nil)
    }
    let uncoded: [UInt8] = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    #expect(error(PathImage.send + 2, uncoded) == nil)
    #expect(error(PathImage.send + 2, [1] + uncoded[1...]) == .malformedSend(index: 0))
  }

  /// Every byte of header, records and tables changed to each of a few values, the checksum made
  /// right: refused, or all that the plan gives out lies inside the image and the arena.
  @Test func `Every changed byte is refused or harmless`() {
    var image = PathImage.valid
    var accepted = 0
    for offset in image.indices where !(12..<16).contains(offset) {
      let value = image[offset]
      for other in Self.neighbours(of: value, isTable: offset >= PathImage.symbols) {
        image[offset] = other
        let changed = ImageSeal.sealed(image)
        let isInside = changed.withUnsafeBytes { bytes -> Bool in
          guard let plan = try? Plan(image: bytes) else { return true }
          accepted += 1
          return staysInside(plan, bytes)
        }
        #expect(isInside, "byte \(offset) as \(image[offset])")
      }
      image[offset] = value
    }
    #expect(accepted > 0)
  }

  /// Every bit flipped, extremes, and values near enough to get past a bound that is off by a
  /// little; a table's bytes are all alike.
  private static func neighbours(of value: UInt8, isTable: Bool) -> Set<UInt8> {
    let values: Set<UInt8> =
      isTable
      ? [value ^ 0x80, 0xFF]
      : Set((0..<8).map { value ^ 1 << $0 }).union([0, 0x7F, 0xFF, value &+ 1, value &- 1])
    return values.subtracting([value])
  }

  @Test func `Many changed bytes are refused or harmless`() {
    var random = SplitMix64(seed: 7)
    for round in 0..<2000 {
      var image = PathImage.valid
      for _ in 0..<Int.random(in: 2...5, using: &random) {
        let offset = Int.random(in: 48..<PathImage.symbols, using: &random)
        image[offset] =
          UInt8.random(in: 0...255, using: &random) & image[offset]
          | [0, 1, 2, 3, 0xFF].randomElement(using: &random)!
      }
      let isInside = ImageSeal.sealed(image).withUnsafeBytes { bytes -> Bool in
        guard let plan = try? Plan(image: bytes) else { return true }
        return staysInside(plan, bytes)
      }
      #expect(isInside, "round \(round)")
    }
  }

  /// Whether all that a plan's paths give out lies in the image and in its arena.
  private func staysInside(_ plan: Plan, _ image: UnsafeRawBufferPointer) -> Bool {
    func isInside(_ table: UnsafeRawBufferPointer?) -> Bool {
      guard let table, let start = table.baseAddress, let base = image.baseAddress else {
        return table == nil
      }
      return start >= base && start + table.count <= base + image.count
    }
    func isInside(_ tensor: PlanTensor?) -> Bool {
      tensor.map { $0.offset + $0.byteCount <= plan.arenaSize } ?? true
    }
    for index in 0..<plan.blockCount where plan.block(index).upperBound > plan.operatorCount {
      return false
    }
    for index in 0..<plan.pathCount {
      let path = plan.path(index)
      if let send = path.send {
        guard isInside(send.symbolTables), isInside(send.coderTables), isInside(send.tensor),
          send.height * send.width * send.channels == send.tensor.byteCount
        else { return false }
      }
      for number in 0..<path.exitCount {
        let exit = path.exit(number)
        guard isInside(exit.tensor),
          isInside(exit.confidenceTable.map { UnsafeRawBufferPointer($0) }),
          isInside(exit.alpha.map { UnsafeRawBufferPointer($0) }), !exit.threshold.isNaN,
          exit.isServer || exit.tensor?.byteCount == plan.classCount
        else { return false }
      }
    }
    return true
  }
}
