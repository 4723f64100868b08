/// What came of a job: the words of a result file (`docs/firmware.md`).
public struct BenchResult: Sendable {
  /// A piece of the device's SRAM, by its offset from the start.
  public struct Piece: Equatable, Sendable {
    public let offset: Int
    public let byteCount: Int
  }

  /// One inference.
  public struct Inference: Equatable, Sendable {
    /// All outputs, in the plan's order, one after another.
    public let outputs: [UInt8]
    /// Channel, row, column; empty where the plan has no features.
    public let symbols: [UInt8]
    /// The whole infer frame; empty where the plan has no features.
    public let frame: [UInt8]
    /// What the server's answer made of it, where the job had one.
    public let answer: Answer?

    public init(outputs: [UInt8], symbols: [UInt8], frame: [UInt8], answer: Answer? = nil) {
      self.outputs = outputs
      self.symbols = symbols
      self.frame = frame
      self.answer = answer
    }
  }

  /// The classes that an image was taken for; nil for an answer that the plan does not have.
  public struct Answer: Equatable, Sendable {
    public let combined: Int?
    public let local: Int?
    public let remote: Int?
    /// Whether the server used every symbol.
    public let complete: Bool

    public init(combined: Int?, local: Int?, remote: Int?, complete: Bool) {
      self.combined = combined
      self.local = local
      self.remote = remote
      self.complete = complete
    }

    fileprivate init(from reader: inout WordReader) throws(BenchError) {
      func wordClass(_ word: UInt32) -> Int? { word == .max ? nil : Int(word) }
      combined = wordClass(try reader.word())
      local = wordClass(try reader.word())
      remote = wordClass(try reader.word())
      complete = try reader.word() != 0
    }
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
  public let dictionary: Piece
  public let transmit: Piece
  public let receive: Piece
  public let operatorCount: Int
  public private(set) var inferences: [Inference] = []

  private static let magic: UInt32 = 0x524E_4741
  private static let inferenceMagic: UInt32 = 0x494E_4741
  private static let wordCount = 32

  /// Takes the next result out of a file.
  ///
  /// - Throws: ``BenchError/malformedResults(_:)``.
  init(from reader: inout WordReader) throws(BenchError) {
    let first = try Self.header(from: &reader)
    var inferences: [Inference] = []
    while reader.peek() == Self.inferenceMagic {
      _ = try reader.word()
      let outputs = try reader.bytes(Int(first[19]))
      let symbols = try reader.bytes(Int(first[20]))
      // A plan with features has symbols, and a frame with them.
      let frame = symbols.isEmpty ? [] : try reader.bytes(Int(reader.word()))
      let answer = first[21] > 0 ? try Answer(from: &reader) : nil
      inferences.append(
        Inference(outputs: outputs, symbols: symbols, frame: frame, answer: answer))
    }
    let words = try Self.header(from: &reader)
    guard let status = FirmwareStatus(rawValue: words[1]) else {
      throw .malformedResults("unknown status \(words[1])")
    }
    guard Int(words[18]) == inferences.count else {
      throw .malformedResults("\(inferences.count) inferences instead of \(words[18])")
    }
    func piece(_ index: Int) -> Piece {
      Piece(offset: Int(words[index]), byteCount: Int(words[index + 1]))
    }
    self.status = status
    self.inferences = inferences
    fault = (words[2], words[3], words[4])
    stackUsed = Int(words[5])
    strayWords = Int(words[6])
    poolOffset = Int(words[7])
    arena = piece(8)
    arenaUsed = Int(words[10])
    dictionary = piece(11)
    transmit = piece(13)
    receive = piece(15)
    operatorCount = Int(words[17])
  }

  private static func header(from reader: inout WordReader) throws(BenchError) -> [UInt32] {
    var words: [UInt32] = []
    for _ in 0..<wordCount { words.append(try reader.word()) }
    guard words[0] == magic else { throw .malformedResults("no result where one should be") }
    return words
  }
}
