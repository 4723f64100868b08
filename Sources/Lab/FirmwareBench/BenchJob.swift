/// What the bench is to do with one plan: the words of a job file (`docs/firmware.md`).
public struct BenchJob: Sendable {
  /// The bytes that go into flash.
  public var plan: [UInt8]
  /// One element for each inference: the bytes of all inputs, in the plan's order.
  public var inputs: [[UInt8]]
  /// For each inference the frame that a server answers with, all of one length; or none.
  public var answers: [[UInt8]] = []
  /// Whether operators run one by one, each a phase for the counter.
  public var stepwise = false
  /// Bytes that the pool of SRAM is moved up by, which takes its alignment away.
  public var poolShift = 0
  /// Bytes of the pool; nil for all that there is.
  public var poolBytes: Int?
  /// The path that the frames name.
  public var path: UInt8 = 0
  /// The identifier of the first frame; the next ones count up.
  public var firstIdentifier: UInt32 = 0
  /// Instead of a plan: an address that the device program is made to write to.
  public var poke: UInt32 = 0
  /// Instead of a plan: how deep the device program is made to recurse.
  public var recursion: UInt32 = 0

  static let magic: UInt32 = 0x4A4E_4741
  private static let stepwiseFlag: UInt32 = 1
  private static let headerWords = 16

  public init(plan: [UInt8] = [], inputs: [[UInt8]] = []) {
    self.plan = plan
    self.inputs = inputs
  }

  /// The job as it stands in the file. All inputs have the length of the first.
  func append(to bytes: inout [UInt8]) {
    precondition(inputs.allSatisfy { $0.count == inputs[0].count })
    precondition(answers.isEmpty || answers.count == inputs.count)
    precondition(answers.allSatisfy { $0.count == answers[0].count })
    var words: [UInt32] = [
      Self.magic, stepwise ? Self.stepwiseFlag : 0, UInt32(plan.count), UInt32(poolShift),
      UInt32(poolBytes ?? 0), UInt32(inputs.count), UInt32(inputs.first?.count ?? 0),
      UInt32(path), firstIdentifier, poke, recursion, UInt32(answers.first?.count ?? 0),
    ]
    words += Array(repeating: 0, count: Self.headerWords - words.count)
    for word in words { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
    bytes += plan
    bytes += Array(repeating: 0, count: (4 - plan.count % 4) % 4)
    for (index, input) in inputs.enumerated() {
      bytes += input
      if !answers.isEmpty { bytes += answers[index] }
    }
  }
}
