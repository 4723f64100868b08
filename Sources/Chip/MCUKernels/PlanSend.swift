/// What a path sends: a tensor, how its values become symbols, and what codes them.
public struct PlanSend {
  private let plan: Plan
  private let record: PlanRecord

  init(plan: Plan, record: PlanRecord) {
    self.plan = plan
    self.record = record
  }

  /// int8 [1,height,width,channels of the tensor], an output of the plan.
  public var tensor: PlanTensor { plan.output(Int(record.half(PlanFormat.Send.tensor))) }

  public var height: Int { tensor.dimension(1) }
  public var width: Int { tensor.dimension(2) }
  /// Channels that are sent.
  public var channels: Int { pickedChannels?.count ?? tensor.dimension(3) }

  /// Which of the tensor's channels are sent, in the order of the stream, each below the tensor's own
  /// number of channels; nil where all are, each once.
  public var pickedChannels: UnsafeBufferPointer<UInt16>? {
    let count = Int(record.half(PlanFormat.Send.channelCount))
    guard count > 0 else { return nil }
    let start = plan.imageBase + Int(record.word(PlanFormat.Send.channelsOffset))
    return UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt16.self), count: count)
  }

  /// The blocks that must have run before the tensor is there, a bit each from the lowest.
  public var blocks: UInt32 { record.word(PlanFormat.Send.blocks) }

  /// 256 symbols by int8 value + 128, once for all channels or once for each; nil where the int8
  /// values themselves are sent.
  public var symbolTables: UnsafeRawBufferPointer? {
    guard symbolTableCount > 0 else { return nil }
    return UnsafeRawBufferPointer(
      start: plan.imageBase + Int(record.word(PlanFormat.Send.symbolsOffset)),
      count: PlanFormat.symbolTableSize * symbolTableCount)
  }

  /// 0, 1, or the number of channels.
  public var symbolTableCount: Int { Int(record.half(PlanFormat.Send.symbolTableCount)) }

  /// Symbols run from 0 to below this, which is from 1 to 256; 256 without symbol tables.
  public var alphabetSize: Int { Int(record.half(PlanFormat.Send.alphabetSize)) }

  public var coder: PlanCoder {
    guard let coder = PlanCoder(rawValue: record.byte(PlanFormat.Send.coder)) else {
      preconditionFailure("a plan is checked before it is used")
    }
    return coder
  }

  /// The tables of the range coder or of JPEG, at a multiple of 16 from the image's start; what they
  /// hold is the coder's to check. nil for the other coders.
  public var coderTables: UnsafeRawBufferPointer? {
    guard coder == .range || coder == .jpeg else { return nil }
    return UnsafeRawBufferPointer(
      start: plan.imageBase + Int(record.word(PlanFormat.Send.coderTablesOffset)),
      count: coderTablesLength)
  }

  private var coderTablesLength: Int { Int(record.word(PlanFormat.Send.coderTablesLength)) }

  /// Whether the record is in range, its tensor can be sent and its tables are inside the image.
  var isValid: Bool {
    typealias Send = PlanFormat.Send
    guard Int(record.half(Send.tensor)) < plan.outputCount, record.byte(3) == 0,
      record.isZero(Send.reserved..<PlanFormat.sendRecordSize), plan.isMask(blocks),
      let coder = PlanCoder(rawValue: record.byte(Send.coder))
    else { return false }
    let tensor = tensor
    guard tensor.elementType == .int8, tensor.rank == 4, tensor.dimension(0) == 1,
      hasValidChannels, hasValidSymbols
    else { return false }
    if coder.isPicture {
      guard tensor.dimension(3) == 3, symbolTableCount == 0, pickedChannels == nil else {
        return false
      }
    } else {
      // Without symbols nothing is coded.
      guard coder == .raw || symbolTableCount > 0 else { return false }
    }
    guard coder == .range || coder == .jpeg else {
      return record.word(Send.coderTablesOffset) == 0 && record.word(Send.coderTablesLength) == 0
    }
    guard record.word(Send.coderTablesLength) <= UInt32(PlanFormat.sizeLimit),
      coderTablesLength > 0
    else { return false }
    return plan.hasTable(
      at: record.word(Send.coderTablesOffset), count: coderTablesLength, size: 1)
  }

  private var hasValidChannels: Bool {
    let offset = record.word(PlanFormat.Send.channelsOffset)
    let count = Int(record.half(PlanFormat.Send.channelCount))
    guard count > 0 else { return offset == 0 }
    guard count <= PlanFormat.mostPickedChannels,
      plan.hasTable(at: offset, count: count, size: 2), let picked = pickedChannels
    else {
      return false
    }
    let all = tensor.dimension(3)
    for channel in picked where Int(channel) >= all { return false }
    return true
  }

  private var hasValidSymbols: Bool {
    typealias Send = PlanFormat.Send
    let offset = record.word(Send.symbolsOffset)
    guard symbolTableCount > 0 else { return offset == 0 && alphabetSize == 256 }
    guard symbolTableCount == 1 || symbolTableCount == channels, alphabetSize >= 1,
      alphabetSize <= 256,
      plan.hasTable(at: offset, count: symbolTableCount, size: PlanFormat.symbolTableSize),
      let tables = symbolTables
    else { return false }
    for symbol in tables where Int(symbol) >= alphabetSize { return false }
    return true
  }
}

/// A send is a view of the plan's immutable image.
extension PlanSend: @unchecked Sendable {}
