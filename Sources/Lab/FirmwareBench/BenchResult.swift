import MCUKernels

/// What came of a job: the words of a result file (`docs/firmware.md`).
public struct BenchResult: Sendable {
  /// A piece of the device's SRAM, by its offset from the start.
  public struct Piece: Equatable, Sendable {
    public let offset: Int
    public let byteCount: Int
  }

  public let status: FirmwareStatus
  /// The core's fault status, and the address and the instruction where it knows them.
  public let fault: (cause: UInt32, address: UInt32, instruction: UInt32)
  /// The most bytes of stack that were ever in use.
  public let stackUsed: Int
  /// Words that were written where nothing should be.
  public let strayWords: Int
  /// Where the pool begins, behind stack and static data.
  public let poolOffset: Int
  public let arena: Piece
  /// Bytes from the arena's start to the last that was ever written, to whole words.
  public let arenaUsed: Int
  public let workspace: Piece
  public let transmit: Piece
  public let receive: Piece
  public let operatorCount: Int
  public let pathCount: Int
  /// Of each run of the whole plan all outputs, in the plan's order, one after another.
  public let outputs: [[UInt8]]
  /// What came of each event.
  public let events: [BenchOutcome]

  private static let magic: UInt32 = 0x524E_4741
  private static let inferenceMagic: UInt32 = 0x494E_4741
  private static let wordCount = 32

  /// Takes the next result out of a file.
  ///
  /// - Throws: ``BenchError/malformedResults(_:)``.
  init(from reader: inout WordReader) throws(BenchError) {
    let first = try Self.header(from: &reader)
    var outputs: [[UInt8]] = []
    while reader.peek() == Self.inferenceMagic {
      _ = try reader.word()
      outputs.append(try reader.bytes(Int(first[20])))
    }
    var events: [BenchOutcome] = []
    while reader.peek() == BenchOutcome.magic {
      _ = try reader.word()
      events.append(try BenchOutcome(from: &reader))
    }
    let words = try Self.header(from: &reader)
    guard let status = FirmwareStatus(rawValue: words[1]) else {
      throw .malformedResults("unknown status \(words[1])")
    }
    guard Int(words[19]) == outputs.count, Int(words[21]) == events.count else {
      throw .malformedResults(
        "\(outputs.count) inferences and \(events.count) events instead of \(words[19]) and "
          + "\(words[21])")
    }
    func piece(_ index: Int) -> Piece {
      Piece(offset: Int(words[index]), byteCount: Int(words[index + 1]))
    }
    self.status = status
    self.outputs = outputs
    self.events = events
    fault = (words[2], words[3], words[4])
    stackUsed = Int(words[5])
    strayWords = Int(words[6])
    poolOffset = Int(words[7])
    arenaUsed = Int(words[8])
    arena = piece(9)
    workspace = piece(11)
    transmit = piece(13)
    receive = piece(15)
    operatorCount = Int(words[17])
    pathCount = Int(words[18])
  }

  private static func header(from reader: inout WordReader) throws(BenchError) -> [UInt32] {
    var words: [UInt32] = []
    for _ in 0..<wordCount { words.append(try reader.word()) }
    guard words[0] == magic else { throw .malformedResults("no result where one should be") }
    return words
  }
}

extension BenchResult {
  /// All that was coded in the job's events: symbols, references, blocks and pixels.
  var coded: (coder: PlanCoder?, parts: Int, work: [Int], payloadBytes: Int) {
    let parts = events.compactMap(\.coded)
    return (
      parts.first?.coder, parts.count,
      (0..<4).map { place in parts.reduce(0) { $0 + $1.work[place] } },
      parts.reduce(0) { $0 + $1.payloadBytes }
    )
  }
}
