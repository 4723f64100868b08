/// What the counter saw in one job: by phase, how often each instruction was executed.
public struct InstructionCounts: Sendable {
  /// One instruction in one phase.
  public struct Entry: Sendable {
    public let address: UInt32
    public let count: Int
    /// How often control did not go on behind it.
    public let leaves: Int
  }

  public private(set) var phases: [Int: [Entry]] = [:]

  /// Checking the plan and dividing memory.
  public static let startPhase = 1
  /// Symbols, code and frames: the work that is called so.
  public static let codePhase = 2
  /// Taking in a frame of the server's, and the answer that it leads to.
  public static let answerPhase = 3
  /// Finding out how sure an exit is.
  public static let askPhase = 4
  /// Taking in any other event.
  public static let eventPhase = 5
  /// The phases beside the operators, by their names.
  public static let programPhases = [
    ("start", startPhase), ("code", codePhase), ("answer", answerPhase), ("ask", askPhase),
    ("events", eventPhase),
  ]
  /// The phase of operator 0; the others follow.
  public static let firstOperatorPhase = 16

  /// Instructions executed in a phase.
  public func total(phase: Int) -> Int {
    phases[phase]?.reduce(0) { $0 + $1.count } ?? 0
  }

  /// Instructions executed in each operator.
  public func operators(_ count: Int) -> [Int] {
    (0..<count).map { total(phase: Self.firstOperatorPhase + $0) }
  }

  /// Where the bench's own memory begins; its instructions are not the device program's.
  private static let benchMemory: UInt32 = 0x6000_0000

  /// The jobs of a counter's output.
  ///
  /// - Throws: ``BenchError/malformedResults(_:)``.
  static func parse(_ text: String) throws(BenchError) -> [InstructionCounts] {
    var jobs: [InstructionCounts] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("job ") {
        jobs.append(InstructionCounts())
        continue
      }
      let fields = line.split(separator: " ")
      guard fields.count == 4, !jobs.isEmpty, let phase = Int(fields[0]),
        let address = UInt32(fields[1], radix: 16), let count = Int(fields[2]),
        let leaves = Int(fields[3])
      else { throw .malformedResults("'\(line)' in the counts") }
      guard address < benchMemory else { continue }
      jobs[jobs.count - 1].phases[phase, default: []].append(
        Entry(address: address, count: count, leaves: leaves))
    }
    return jobs
  }
}
