public import DeviceCore

/// What the bench is to do with one plan: the words of a job file (`docs/firmware.md`).
public struct BenchJob: Sendable {
  /// The bytes that go into flash.
  public var plan: [UInt8]
  /// Runs of the whole plan, an element each: the bytes of all inputs, in the plan's order.
  public var inputs: [[UInt8]]
  /// What happens to the device program afterwards; for a plan with paths.
  public var events: [BenchEvent] = []
  public var settings = DeviceSettings()
  /// Whether operators run one by one, each a phase for the counter.
  public var stepwise = false
  /// Bytes that the pool of SRAM is moved up by, which takes its alignment away.
  public var poolShift = 0
  /// Bytes of the pool; nil for all that there is.
  public var poolBytes: Int?
  /// Instead of a plan: an address that the device program is made to write to.
  public var poke: UInt32 = 0
  /// Instead of a plan: how deep the device program is made to recurse.
  public var recursion: UInt32 = 0
  /// Words that take the settings' place, for values that no settings have.
  public var settingsWords: [UInt32]?

  static let magic: UInt32 = 0x4A4E_4741
  private static let stepwiseFlag: UInt32 = 1
  private static let headerWords = 24

  public init(plan: [UInt8] = [], inputs: [[UInt8]] = []) {
    self.plan = plan
    self.inputs = inputs
  }

  /// The job that replays a run on the host.
  public init(plan: [UInt8], settings: DeviceSettings, replaying trace: [TracedEvent]) {
    self.init(plan: plan)
    self.settings = settings
    events = trace.map(BenchEvent.init)
  }

  /// The job as it stands in the file. All inputs have the length of the first.
  func append(to bytes: inout [UInt8]) {
    precondition(inputs.allSatisfy { $0.count == inputs[0].count })
    var words: [UInt32] = [
      Self.magic, stepwise ? Self.stepwiseFlag : 0, UInt32(plan.count), UInt32(poolShift),
      UInt32(poolBytes ?? 0), UInt32(inputs.count), UInt32(inputs.first?.count ?? 0),
      UInt32(events.count), poke, recursion,
    ]
    words += settingsWords ?? settings.firmwareWords
    words += Array(repeating: 0, count: Self.headerWords - words.count)
    bytes.append(words: words)
    bytes.append(padded: plan)
    for input in inputs { bytes += input }
    for event in events { event.append(to: &bytes) }
  }
}

extension DeviceSettings {
  /// `firmware_settings`, word by word.
  public var firmwareWords: [UInt32] {
    let deadline = deadline ?? .max
    return [
      UInt32(truncatingIfNeeded: deadline), UInt32(truncatingIfNeeded: deadline >> 32),
      UInt32(policy.rawValue), path.map { UInt32($0) } ?? .max,
      budget.map { UInt32(clamping: $0) } ?? .max, overlaps ? 1 : 0,
      UInt32(clamping: bytesPerSecond), UInt32(target.rawValue), UInt32(power.device),
      UInt32(power.sending),
    ]
  }
}

extension [UInt8] {
  mutating func append(words: [UInt32]) {
    for word in words { Swift.withUnsafeBytes(of: word.littleEndian) { append(contentsOf: $0) } }
  }

  /// Bytes, and zeros up to a whole word.
  mutating func append(padded bytes: [UInt8]) {
    self += bytes
    self += Array(repeating: 0, count: (4 - bytes.count % 4) % 4)
  }
}
