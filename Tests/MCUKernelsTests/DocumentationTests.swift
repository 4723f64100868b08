import Foundation
import MCUKernels
import Testing

/// The tables of `docs/plan.md` have the offsets that the executor reads at.
@Suite struct DocumentationTests {
  private let page: String

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    page = try String(contentsOf: root.appending(path: "docs/plan.md"), encoding: .utf8)
  }

  /// The first two columns of the table in a section, by the rest of the row.
  private func rows(of heading: String) throws -> [(offset: Int, type: String, field: String)] {
    let section = try #require(
      page.components(separatedBy: "\n## ").first { $0.hasPrefix(heading) })
    return section.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 3, let offset = Int(cells[0]) else { return nil }
      return (offset, cells[1], cells[2])
    }
  }

  private func check(
    _ heading: String, size: Int, _ fields: [(offset: Int, type: String, words: String)],
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let rows = try rows(of: "\(heading): \(size) bytes")
    var end = 0
    for row in rows {
      #expect(row.offset == end, "\(heading) at \(end)", sourceLocation: location)
      end = row.offset + (try bytes(of: row.type))
    }
    #expect(end == size, "\(heading)", sourceLocation: location)
    for field in fields {
      #expect(
        rows.contains {
          $0.offset == field.offset && $0.type == field.type && $0.field.hasPrefix(field.words)
        }, "\(heading): \(field)", sourceLocation: location)
    }
  }

  private func bytes(of type: String) throws -> Int {
    let parts = type.split(separator: "[")
    let size = try #require(["u8": 1, "u16": 2, "u32": 4, "i32": 4, "f32": 4][String(parts[0])])
    guard parts.count == 2 else { return size }
    return size * (try #require(Int(parts[1].dropLast())))
  }

  @Test func header() throws {
    typealias Header = PlanFormat.Header
    try check(
      "Header", size: PlanFormat.headerSize,
      [
        (Header.version, "u16", "version, \(PlanFormat.version)"), (Header.length, "u32", "length"),
        (Header.checksum, "u32", "CRC-32"), (Header.digest, "u8[32]", "SHA-256"),
        (Header.arenaSize, "u32", "size of the arena"),
        (Header.operatorCount, "u32", "number of operator"),
        (Header.operatorsOffset, "u32", "offset of the operator"),
        (Header.tensorsOffset, "u32", "offset of the tensor"),
        (Header.inputCount, "u16", "number of inputs"),
        (Header.outputCount, "u16", "number of outputs"),
        (Header.classCount, "u16", "number of classes"), (Header.scheme, "u8", "scheme"),
        (Header.blockCount, "u8", "number of blocks, 1 to \(PlanFormat.maximumBlocks)"),
        (Header.blocksOffset, "u32", "offset of the blocks"),
        (Header.pathCount, "u16", "number of path"), (Header.sendCount, "u16", "number of send"),
        (Header.exitCount, "u16", "number of exit"), (Header.reservedHalf, "u16", "0"),
        (Header.pathsOffset, "u32", "offset of the path"),
        (Header.sendsOffset, "u32", "offset of the send"),
        (Header.exitsOffset, "u32", "offset of the exit"), (Header.reserved, "u8[32]", "0"),
      ])
  }

  @Test func paths() throws {
    typealias Path = PlanFormat.Path
    try check(
      "Path records", size: PlanFormat.pathRecordSize,
      [
        (Path.flags, "u8", "flags: bit 0"), (Path.send, "u16", "the send record's index"),
        (Path.firstExit, "u16", "index of the first exit"),
        (Path.exitCount, "u16", "number of exit"), (Path.reserved, "u8[56]", "0"),
      ])
  }

  @Test func sends() throws {
    typealias Send = PlanFormat.Send
    try check(
      "Send records", size: PlanFormat.sendRecordSize,
      [
        (Send.tensor, "u16", "index of the output"),
        (
          Send.coder, "u8",
          "coder: \(PlanCoder.raw.rawValue) raw, \(PlanCoder.lzw.rawValue) LZW, "
            + "\(PlanCoder.range.rawValue) range, "
            + "\(PlanCoder.jpeg.rawValue) JPEG, \(PlanCoder.file.rawValue) a picture's file"
        ),
        (Send.blocks, "u32", "mask of the blocks"),
        (Send.symbolsOffset, "u32", "offset of the symbol tables"),
        (Send.symbolTableCount, "u16", "number of symbol tables"),
        (Send.alphabetSize, "u16", "size of the alphabet"),
        (Send.coderTablesOffset, "u32", "offset of the coder's tables"),
        (Send.coderTablesLength, "u32", "bytes of the coder's tables"),
        (Send.channelsOffset, "u32", "offset of the picked channels"),
        (Send.channelCount, "u16", "number of picked channels"),
        (Send.reserved, "u8[34]", "0"),
      ])
  }

  @Test func exits() throws {
    typealias Exit = PlanFormat.Exit
    try check(
      "Exit records", size: PlanFormat.exitRecordSize,
      [
        (Exit.place, "u8", "where: \(Exit.placeDevice) device, \(Exit.placeServer) server"),
        (Exit.tensor, "u16", "index of the output"), (Exit.blocks, "u32", "mask of the blocks"),
        (Exit.threshold, "f32", "threshold"),
        (Exit.confidenceOffset, "u32", "offset of the confidence table"),
        (Exit.alphaOffset, "u32", "offset of the alphas"),
        (Exit.alphaCount, "u16", "number of alphas"), (Exit.reserved, "u8[10]", "0"),
      ])
  }

  @Test func tensors() throws {
    typealias Tensor = PlanFormat.Tensor
    try check(
      "Tensor records", size: PlanFormat.tensorRecordSize,
      [
        (Tensor.offset, "u32", "offset in the arena"), (Tensor.byteCount, "u32", "bytes"),
        (Tensor.scale, "f32", "scale"), (Tensor.zeroPoint, "i32", "zero point"),
        (Tensor.elementType, "u8", "type"), (Tensor.role, "u8", "role: 0 none, 1 camera"),
        (Tensor.rank, "u8", "rank, 0 to \(PlanFormat.maximumRank)"),
        (Tensor.dimensions, "u32[6]", "extents"),
      ])
  }

  @Test func schemes() {
    let names = [
      PlanScheme.none: "none", .agilenn: "`agilenn`", .mcunet: "`mcunet`", .edgeOnly: "`edge-only`",
      .deepcod: "`deepcod`", .spinn: "`spinn`",
    ]
    for scheme in (UInt8.min...UInt8.max).compactMap(PlanScheme.init) {
      let name = names[scheme]
      #expect(name.map { page.contains("\(scheme.rawValue) \($0)") } == true, "\(scheme)")
    }
  }
}
