import MCUKernels
import Testing

/// Images put together by hand, byte by byte after `docs/plan.md`.
@Suite struct PlanHeaderTests {
  typealias Header = PlanFormat.Header

  /// A bare model's plan without operators: one int8 tensor of 4 elements, both input and output.
  private static let valid: [UInt8] = {
    var image = [UInt8](repeating: 0, count: 272)
    func store(_ value: UInt32, _ offset: Int) {
      for index in 0..<4 {
        image[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
      }
    }
    image.replaceSubrange(0..<4, with: Array("AGNP".utf8))
    image[4] = UInt8(PlanFormat.version)
    image[6] = 128
    store(272, 8)
    store(16, 48)
    store(128, 60)
    image[64] = 1
    image[66] = 1
    image[71] = 1
    store(256, 72)
    for record in [128, 192] {
      store(4, record + 4)
      store(Float(0.5).bitPattern, record + 8)
      store(UInt32(bitPattern: -3), record + 12)
      image[record + 16] = 1
      image[record + 18] = 2
      store(2, record + 20)
      store(2, record + 24)
    }
    return ImageSeal.sealed(image)
  }()

  private func error(_ image: [UInt8]) -> PlanError? {
    image.withUnsafeBytes { bytes -> PlanError? in
      do throws(PlanError) {
        _ = try Plan(image: bytes)
        return nil
      } catch {
        return error
      }
    }
  }

  private func changed(_ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
    var image = Self.valid
    image.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    return ImageSeal.sealed(image)
  }

  @Test func `A valid image is read`() throws {
    try Self.valid.withUnsafeBytes { bytes in
      let plan = try Plan(image: bytes)
      #expect(plan.operatorCount == 0)
      #expect(plan.arenaSize == 16)
      #expect(plan.classCount == 0)
      #expect(plan.scheme == .none)
      #expect(plan.pathCount == 0)
      #expect(plan.blockCount == 1)
      #expect(plan.block(0) == 0..<0)
      #expect(plan.bundleDigest.count == 32)
      let output = plan.output(0)
      #expect(output.scale == 0.5)
      #expect(output.zeroPoint == -3)
      #expect(output.elementType == .int8)
      #expect(output.role == .none)
      #expect((0...3).map { output.dimension($0) } == [2, 2, 1, 1])
    }
  }

  @Test func `Bytes behind the image are none of its`() {
    #expect(error(Self.valid + [1, 2, 3]) == nil)
  }

  @Test func `Truncation at every byte`() {
    for count in Self.valid.indices {
      #expect(error(Array(Self.valid[..<count])) == .truncated)
    }
  }

  @Test func `Every bit of the image counts`() {
    for index in Self.valid.indices {
      let unnoticed = (UInt8(0)..<8).filter { bit in
        var image = Self.valid
        image[index] ^= 1 << bit
        return error(image) == nil
      }
      #expect(unnoticed.isEmpty, "byte \(index)")
    }
  }

  @Test func `Every field out of range, with a right checksum`() {
    let cases: [(Int, [UInt8], PlanError)] = [
      (Header.magic, [0], .notAPlan),
      (Header.version, [2, 0], .unsupportedVersion(2)),
      (Header.headerSize, [127], .malformedHeader),
      (Header.length, [0, 0, 0, 0x20], .malformedHeader),
      (Header.arenaSize, [0, 0, 0, 0x20], .malformedHeader),
      (Header.operatorCount, [1, 0, 0, 0], .malformedOperator(index: 0)),
      (Header.operatorCount, [2, 0, 0, 0], .malformedHeader),
      (Header.operatorCount, [0, 0, 0, 0xFF], .malformedHeader),
      (Header.tensorsOffset, [136], .malformedHeader),
      (Header.tensorsOffset, [160], .malformedHeader),
      (Header.tensorsOffset, [0, 0, 0, 0xFF], .malformedHeader),
      (Header.inputCount, [2], .malformedHeader),
      (Header.inputCount, [0xFF, 0xFF], .malformedHeader),
      (Header.scheme, [6], .malformedHeader),
      (Header.blockCount, [0], .malformedHeader),
      (Header.blockCount, [33], .malformedHeader),
      (Header.blockCount, [5], .malformedHeader),
      (Header.blocksOffset, [4], .malformedHeader),
      (Header.blocksOffset, [16], .malformedHeader),
      (Header.blocksOffset, [208, 0], .malformedBlocks),
      (Header.blocksOffset + 2, [1], .malformedHeader),
      (Header.pathCount, [1], .malformedHeader),
      (Header.sendCount, [0, 1], .malformedHeader),
      (Header.exitCount, [0, 1], .malformedHeader),
      (Header.reservedHalf, [1], .malformedHeader),
      (256, [1], .malformedBlocks),
      (Header.reserved, [1], .malformedHeader),
      (128, [8], .malformedTensor(index: 0)),
      (128, [16], .malformedTensor(index: 0)),
      (128 + 4, [5], .malformedTensor(index: 0)),
      (128 + 4, [0xFF, 0xFF, 0xFF, 0xFF], .malformedTensor(index: 0)),
      (192 + 16, [0], .malformedTensor(index: 1)),
      (192 + 16, [4], .malformedTensor(index: 1)),
      (192 + 17, [9], .malformedTensor(index: 1)),
      (192 + 18, [7], .malformedTensor(index: 1)),
      (192 + 20, [0], .malformedTensor(index: 1)),
      (192 + 20, [0, 0, 0, 0x80], .malformedTensor(index: 1)),
    ]
    for (offset, bytes, expected) in cases {
      #expect(error(changed(offset, bytes)) == expected, "byte \(offset)")
    }
  }

  @Test func `A plan of the version before says what to do`() {
    #expect(
      "\(PlanError.unsupportedVersion(2))"
        == "the plan has version 2 and this program runs version 3: compile it anew with "
        + "'agilenn-lab plan'")
  }

  @Test func `An image at an odd address is refused`() {
    let shifted = [0] + Self.valid
    shifted.withUnsafeBytes { bytes in
      let image = UnsafeRawBufferPointer(rebasing: bytes[1...])
      #expect(throws: PlanError.misaligned) { try Plan(image: image) }
    }
  }

  @Test func `An arena too small or at an odd address is refused`() throws {
    try Self.valid.withUnsafeBytes { bytes in
      let plan = try Plan(image: bytes)
      let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: 32, alignment: 16)
      defer { arena.deallocate() }
      try plan.run(arena: arena)
      #expect(throws: PlanError.unusableArena(needed: 16)) {
        try plan.run(arena: UnsafeMutableRawBufferPointer(rebasing: arena[..<15]))
      }
      #expect(throws: PlanError.unusableArena(needed: 16)) {
        try plan.run(arena: UnsafeMutableRawBufferPointer(rebasing: arena[1...]))
      }
      #expect(throws: PlanError.noSuchOperator(index: 0)) {
        try plan.run(operators: 0..<1, arena: arena)
      }
      #expect(throws: PlanError.noSuchOperator(index: -1)) {
        try plan.run(operators: -1..<0, arena: arena)
      }
    }
  }

  @Test func `Errors are one line each`() {
    let errors: [PlanError] = [
      .truncated, .misaligned, .notAPlan, .unsupportedVersion(3), .wrongChecksum, .malformedHeader,
      .malformedTensor(index: 1), .malformedOperator(index: 2), .malformedBlocks,
      .malformedSend(index: 1), .malformedExit(index: 1), .malformedPath(index: 1),
      .unusableArena(needed: 3),
      .noSuchOperator(index: 4),
    ]
    #expect(Set(errors.map(\.description)).count == errors.count)
    #expect(errors.allSatisfy { !$0.description.contains("\n") })
  }
}
