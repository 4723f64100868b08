import PlanCompiler

/// Instructions by bundle and operator, for one image: the file that a test compares.
public struct CountTable: Equatable, Sendable {
  /// One operator, or another phase.
  public struct Row: Equatable, Sendable {
    public let model: String
    /// The operator's number and kind, or another phase's name.
    public let phase: String
    public let instructions: Int
  }

  /// The compiler that built what was counted.
  public let compiler: String
  public private(set) var rows: [Row] = []

  public init(compiler: String) {
    self.compiler = compiler
  }

  /// Adds the phases of a model that ran once.
  public mutating func add(_ model: FirmwareModel, _ counts: InstructionCounts) {
    func add(_ phase: String, _ number: Int) {
      let instructions = counts.total(phase: number)
      guard instructions > 0 else { return }
      rows.append(Row(model: model.name, phase: phase, instructions: instructions))
    }
    for summary in model.plan.operators {
      add(
        "\(summary.index)-\(summary.name)", InstructionCounts.firstOperatorPhase + summary.index)
    }
    for (name, phase) in InstructionCounts.programPhases { add(name, phase) }
  }

  private static let compilerPrefix = "# compiler: "

  /// The file's text: a line for each row.
  public var text: String {
    """
    # Instructions that the firmware executes for the first image of Digits' test set, by bundle and
    # operator, as QEMU counts them. `scripts/firmware --record` writes this file.
    \(Self.compilerPrefix)\(compiler)

    """ + rows.map { "\($0.model) \($0.phase) \($0.instructions)\n" }.joined()
  }

  /// Reads the file's text; nil where a line is not as it should be.
  public init?(text: String) {
    let lines = text.split(separator: "\n")
    guard let compiler = lines.first(where: { $0.hasPrefix(Self.compilerPrefix) }) else {
      return nil
    }
    self.init(compiler: String(compiler.dropFirst(Self.compilerPrefix.count)))
    for line in lines where !line.hasPrefix("#") {
      let fields = line.split(separator: " ")
      guard fields.count == 3, let instructions = Int(fields[2]) else { return nil }
      rows.append(
        Row(model: String(fields[0]), phase: String(fields[1]), instructions: instructions))
    }
  }

  /// Where another table is off by more than a part in a thousand, or has other rows: a line each.
  public func differences(from recorded: CountTable) -> [String] {
    let known = Dictionary(
      recorded.rows.map { ("\($0.model) \($0.phase)", $0.instructions) }, uniquingKeysWith: { $1 })
    var found: [String] = []
    for row in rows {
      guard let before = known["\(row.model) \(row.phase)"] else {
        found.append("\(row.model) \(row.phase): not recorded")
        continue
      }
      if abs(row.instructions - before) * 1000 > before {
        found.append(
          "\(row.model) \(row.phase): \(row.instructions) instructions, recorded are \(before)")
      }
    }
    let names = Set(rows.map { "\($0.model) \($0.phase)" })
    found += known.keys.filter { !names.contains($0) }.sorted().map { "\($0): is gone" }
    return found
  }
}
