import BundleFormat
import MCUKernels
import SeededRandom
import Testing

@testable import PlanCompiler

/// An image that is not as the compiler wrote it is refused; one that only its checksum vouches for
/// never writes outside the arena.
@Suite struct CorruptPlanTests {
  private func runs(_ image: [UInt8]) -> Bool {
    image.withUnsafeBytes { bytes in (try? Plan(image: bytes)) != nil }
  }

  @Test func `Truncation at every byte`() throws {
    for (name, model) in SampleGraphs.all {
      let image = try PlanCompiler.compile(model).image
      #expect(runs(image))
      let accepted = image.indices.filter { runs(Array(image[..<$0])) }
      #expect(accepted.isEmpty, "\(name)")
    }
  }

  @Test func `Every flipped byte is noticed`() throws {
    let image = try PlanCompiler.compile(SampleGraphs.elementwise).image
    let accepted = image.indices.filter { index in
      var changed = image
      changed[index] ^= 0xFF
      return runs(changed)
    }
    #expect(accepted.isEmpty)
  }

  /// Every word of the header, the records and the rows, changed to each of a few values with the
  /// checksum made right: the image is refused, or it runs between two guard zones that it leaves
  /// alone.
  @Test(arguments: SampleGraphs.all.map(\.name) + ["camera", "paths"])
  func `A changed word with a right checksum stays inside the arena`(name: String) throws {
    let image = try Self.image(name)
    var escapes: [String] = []
    for offset in governingWords(of: image) {
      let word = word(of: image, at: offset)
      for value in Self.neighbours(of: word) where value != word {
        var changed = image
        withUnsafeBytes(of: value.littleEndian) { bytes in
          changed.replaceSubrange(offset..<(offset + 4), with: bytes)
        }
        if !staysInside(sealed(changed)) { escapes.append("offset \(offset) as \(value)") }
      }
    }
    #expect(escapes.isEmpty)
  }

  private static func image(_ name: String) throws -> [UInt8] {
    switch name {
    case "camera": try CameraResizeTests.plan(.bilinear, from: (7, 5), to: (4, 4)).image
    case "paths": try paths().image
    default:
      try PlanCompiler.compile(#require(SampleGraphs.all.first { $0.name == name }).model).image
    }
  }

  /// Three paths with coder tables, several exits and an alpha for each channel.
  private static func paths() throws -> CompiledPlan {
    var offload = BranchGraph.offload(symbols: BranchGraph.tables, alpha: [1, 0.5, 0.5, 0.5, 0])
    offload.sends[0].coder = .init(name: .range, tables: .init(file: "coder.bin"))
    offload.exits[0].threshold = 0.9
    let paths: [BundleManifest.Path] = [
      offload,
      .init(
        name: "two", device: "device", remote: nil,
        exits: [
          .init(name: "early", place: .device),
          .init(name: "late", place: .device, tensor: "deepLogits"),
        ]),
      .init(name: "image", device: nil, remote: "remote"),
    ]
    return try BranchGraph.compile(
      BranchGraph.model(), BranchGraph.manifest(paths), coderTables: [1, 2, 3])
  }

  /// Extremes, and values near enough to get past a bound that is off by a little.
  private static func neighbours(of word: UInt32) -> Set<UInt32> {
    [
      0, .max, 0x7FFF_FFFF, word &+ 1, word &- 1, word &+ 4, word &+ 16, word &- 16, word &+ 64,
      word &- 64, word &+ 256, word &* 2,
    ]
  }

  /// The offsets of the words that say where an operator reads and writes: header, tensor and
  /// operator records, rows and positions; not weights and tables of values.
  private func governingWords(of image: [UInt8]) -> [Int] {
    let records = Int(word(of: image, at: PlanFormat.Header.operatorsOffset))
    let count = Int(word(of: image, at: PlanFormat.Header.operatorCount))
    var ranges = [PlanFormat.Header.arenaSize..<PlanFormat.Header.reserved]
    let tensors = Int(word(of: image, at: PlanFormat.Header.tensorsOffset))
    ranges.append(records..<(tensors + 2 * PlanFormat.tensorRecordSize))
    let blocks = Int(word(of: image, at: PlanFormat.Header.blocksOffset))
    let exits = Int(word(of: image, at: PlanFormat.Header.exitsOffset))
    let exitCount = Int(word(of: image, at: PlanFormat.Header.exitCount) & 0xFFFF)
    // Blocks, paths, sends and exits follow one another.
    ranges.append(blocks..<max(blocks + 4, exits + exitCount * PlanFormat.exitRecordSize))
    for index in 0..<count {
      func field(_ field: PlanFormat.Word) -> Int {
        Int(
          word(
            of: image, at: records + index * PlanFormat.operatorRecordSize + 4 * field.rawValue))
      }
      let kind = OperatorKind(rawValue: UInt8(field(.kind) & 0xFF))
      let hasChannelRows = [.conv2D, .depthwiseConv2D, .fullyConnected].contains(kind)
      let rowSize = hasChannelRows ? PlanFormat.channelRowSize : PlanFormat.loopRowSize
      ranges.append(
        field(.rowsOffset)..<(field(.rowsOffset) + rowSize * field(.rowCount)))
      if kind == .resizeNearest || kind == .camera {
        let positions = field(.outputHeight) + field(.outputWidth)
        ranges.append(field(.constantsOffset)..<(field(.constantsOffset) + 4 * positions))
      }
    }
    return Set(ranges.flatMap { stride(from: $0.lowerBound, to: $0.upperBound, by: 4) }).sorted()
  }

  private func word(of image: [UInt8], at offset: Int) -> UInt32 {
    image[offset..<(offset + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  @Test func `Many bytes changed at random`() throws {
    var random = SplitMix64(seed: 5)
    for (name, model) in SampleGraphs.all {
      let image = try PlanCompiler.compile(model).image
      for round in 0..<100 {
        var changed = image
        for _ in 0..<Int.random(in: 2...6, using: &random) {
          let index = Int.random(in: PlanFormat.Header.arenaSize..<image.count, using: &random)
          changed[index] = UInt8.random(in: 0...255, using: &random)
        }
        #expect(staysInside(sealed(changed)), "\(name), round \(round)")
      }
    }
  }

  private func sealed(_ image: [UInt8]) -> [UInt8] {
    var image = image
    var crc = CRC32()
    image.withUnsafeBytes { bytes in
      crc.update(UnsafeRawBufferPointer(rebasing: bytes[..<PlanFormat.Header.checksum]))
      crc.update(UnsafeRawBufferPointer(rebasing: bytes[PlanFormat.Header.digest...]))
    }
    withUnsafeBytes(of: crc.value.littleEndian) { bytes in
      image.replaceSubrange(
        PlanFormat.Header.checksum..<PlanFormat.Header.digest, with: bytes)
    }
    return image
  }

  /// Whether the image is refused, or runs without a write to the zones on either side of its arena.
  private func staysInside(_ image: [UInt8]) -> Bool {
    let zone = [UInt8](repeating: 0xA5, count: 1024)
    return image.withUnsafeBytes { bytes in
      // An arena that no board has says nothing more.
      guard let plan = try? Plan(image: bytes), plan.arenaSize < 1 << 16 else { return true }
      let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: plan.arenaSize + 2 * zone.count, alignment: 16)
      defer { memory.deallocate() }
      _ = memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
      let arena = zone.count..<(zone.count + plan.arenaSize)
      guard (try? plan.run(arena: UnsafeMutableRawBufferPointer(rebasing: memory[arena]))) != nil,
        giveInside(plan, bytes)
      else { return false }
      return [UInt8](memory[..<zone.count]) == zone && [UInt8](memory[arena.upperBound...]) == zone
    }
  }

  /// Whether the tables that a plan's paths give out lie in the image, and their tensors in the arena.
  private func giveInside(_ plan: Plan, _ image: UnsafeRawBufferPointer) -> Bool {
    func isInside(_ start: UnsafeRawPointer?, _ count: Int) -> Bool {
      guard let start, let base = image.baseAddress else { return true }
      return start >= base && start + count <= base + image.count
    }
    func isInside(_ tensor: PlanTensor?) -> Bool {
      tensor.map { $0.offset + $0.byteCount <= plan.arenaSize } ?? true
    }
    return (0..<plan.pathCount).allSatisfy { index in
      let path = plan.path(index)
      let send = path.send
      let isSendInside =
        isInside(send?.tensor)
        && isInside(send?.symbolTables?.baseAddress, send?.symbolTables?.count ?? 0)
        && isInside(send?.coderTables?.baseAddress, send?.coderTables?.count ?? 0)
      return isSendInside
        && (0..<path.exitCount).allSatisfy { number in
          let exit = path.exit(number)
          return isInside(exit.tensor)
            && isInside(exit.confidenceTable?.baseAddress, 4 * (exit.confidenceTable?.count ?? 0))
            && isInside(exit.alpha?.baseAddress, 4 * (exit.alpha?.count ?? 0))
        }
    }
  }
}
