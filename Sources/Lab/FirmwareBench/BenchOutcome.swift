public import DeviceCore
import MCUKernels

/// What the device program made of an event, word by word as the result file has it: the chip's and
/// the host's have the same form, so that nothing is left out of their comparison.
public struct BenchOutcome: Equatable, Sendable {
  /// The words of ``names``.
  public let words: [UInt32]
  /// The bytes that go on the air.
  public let sent: [UInt8]
  /// The words of ``workNames``; empty where no work was given out.
  public let work: [UInt32]

  static let magic: UInt32 = 0x454E_4741

  /// What the words of a record are, behind its magic.
  static let names = [
    "status", "whether there is a timer", "the timer", "the timer's high word", "the work",
    "the work's first operator or exit", "the work's last operator", "the offset of what is sent",
    "the bytes sent", "the link's fault", "the refusal", "its delay", "whether the frame is held",
    "whether there is an answer", "the answer's source", "the combined class", "the local class",
    "the remote class", "the symbols sent", "the symbols used", "the symbols of all",
    "the answer's frame", "the answer's logits",
  ]
  static let workNames = [
    "status", "coder", "symbols", "references", "blocks", "pixels", "payload bytes", "frame bytes",
    "logits",
  ]

  public var status: FirmwareStatus? { FirmwareStatus(rawValue: words[0]) }
  /// What the work came to; nil where none was given out.
  public var workStatus: FirmwareStatus? { work.first.flatMap(FirmwareStatus.init) }
  public var linkFault: LinkFault? { LinkFault(rawValue: UInt8(truncatingIfNeeded: words[9])) }
  /// What the work coded, its symbols, references, blocks and pixels; nil where it was other work.
  var coded: (coder: PlanCoder?, work: [Int], payloadBytes: Int)? {
    guard words[4] == 2, work.count == Self.workNames.count else { return nil }
    return (
      PlanCoder(rawValue: UInt8(truncatingIfNeeded: work[1])), work[2...5].map { Int($0) },
      Int(work[6])
    )
  }

  /// The answer's source and class, -1 for none.
  public var answer: (source: DeviceAnswer.Source?, label: Int32)? {
    guard words[13] != 0 else { return nil }
    let source = DeviceAnswer.Source(rawValue: UInt8(truncatingIfNeeded: words[14]))
    // The classes lie in the order combined, local, remote.
    let places: [DeviceAnswer.Source: Int] = [.combined: 15, .prefix: 15, .local: 16, .remote: 17]
    let label = source.flatMap { places[$0] }.map { Int32(bitPattern: words[$0]) }
    return (source, label ?? -1)
  }

  /// - Throws: ``BenchError/malformedResults(_:)``.
  init(from reader: inout WordReader) throws(BenchError) {
    var words: [UInt32] = []
    for _ in Self.names { words.append(try reader.word()) }
    self.words = words
    sent = try reader.padded(Int(words[8]))
    var work: [UInt32] = []
    if words[4] != 0 {
      for _ in Self.workNames { work.append(try reader.word()) }
    }
    self.work = work
  }

  /// What the host's run came to.
  public init(_ traced: TracedEvent) {
    let actions = traced.actions
    let (work, first, last): (UInt32, UInt32, UInt32) =
      switch actions.work {
      case nil: (0, 0, 0)
      case .run(let operators): (1, UInt32(operators.lowerBound), UInt32(operators.upperBound))
      case .code: (2, 0, 0)
      case .ask(let exit): (3, UInt32(exit), 0)
      }
    let timer = actions.timer ?? 0
    let status = traced.fault.map(FirmwareStatus.init) ?? .ok
    var words: [UInt32] = [
      status.rawValue, actions.timer == nil ? 0 : 1, UInt32(truncatingIfNeeded: timer),
      UInt32(truncatingIfNeeded: timer >> 32), work, first, last,
      UInt32(actions.send?.lowerBound ?? 0), UInt32(actions.send?.count ?? 0),
      UInt32(actions.linkFault?.rawValue ?? 0), UInt32(actions.refusal?.code ?? 0),
      actions.refusal?.retryAfterMilliseconds ?? 0,
      traced.fault == nil && traced.holdsReceived ? 1 : 0,
    ]
    if let answer = actions.answer {
      words += [1, UInt32(answer.source.rawValue)]
      words += [answer.combined, answer.local, answer.remote].map { UInt32(bitPattern: $0) }
      words += [
        answer.symbolsSent, answer.symbolsUsed, answer.symbolsAll, answer.frameBytes,
        answer.logits,
      ].map { UInt32($0) }
    } else {
      words += Array(repeating: 0, count: Self.names.count - words.count)
    }
    self.words = words
    sent = traced.sent
    if let fault = traced.workFault {
      self.work =
        [FirmwareStatus(fault).rawValue] + Array(repeating: 0, count: Self.workNames.count - 1)
    } else if let done = traced.done {
      self.work = [
        0, UInt32(done.coder.rawValue), UInt32(done.symbols), UInt32(done.references),
        UInt32(done.blocks), UInt32(done.pixels), UInt32(done.payloadBytes),
        UInt32(done.frameBytes), UInt32(done.logits),
      ]
    } else {
      self.work = []
    }
  }

  /// What differs from another's, in words; nil where nothing does.
  public func difference(from other: BenchOutcome) -> String? {
    for (index, name) in Self.names.enumerated() where words[index] != other.words[index] {
      return "\(name): \(words[index]), not \(other.words[index])"
    }
    if sent != other.sent { return "the frames differ" }
    guard work.count == other.work.count else { return "one of them did no work" }
    for (index, name) in Self.workNames.enumerated()
    where !work.isEmpty && work[index] != other.work[index] {
      return "the work's \(name): \(work[index]), not \(other.work[index])"
    }
    return nil
  }
}
