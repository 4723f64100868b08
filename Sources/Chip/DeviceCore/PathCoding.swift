import FeatureCoding
import ImageCoding
import MCUKernels

/// From the features, or the image, in the arena to the payload of a request, part after part.
struct PathCoding {
  /// Bytes of payload in one transmission at most: little enough that the radio has something to do
  /// soon, and enough that the frames around it weigh little.
  static let payloadRoom = 256
  /// What a request is allowed at least where the link seems too slow for anything.
  static let leastPayload = 64

  let send: PlanSend
  let shape: SymbolShape
  let coder: PlanCoder
  private let rangeTables: RangeTables?
  /// Of a JPEG.
  let sampling: ChromaSampling?
  private var encoder: SymbolEncoder?
  /// Where the symbols come from.
  private var source: SymbolSource?
  /// Of a JPEG; it lies in the workspace, so that what codes features is not larger for it.
  var jpeg: UnsafeMutablePointer<JPEGEncoder>?
  /// Bytes of the file that was made of the image; nil where there is none yet.
  var fileBytes: Int?
  /// Once the payload is finished: how many of its bytes are not handed out yet.
  var finished: Int?
  var symbolsOut = 0

  /// What one part came to.
  struct Part: Equatable {
    /// Symbols that it took in.
    var symbols = 0
    /// Symbols of earlier channels that their contexts depend on.
    var references = 0
    /// Blocks of 8x8 samples of a JPEG, and the pixels that they were made from.
    var blocks = 0
    var pixels = 0
    /// Bytes of payload that it gave out.
    var bytes = 0
    /// Whether the payload ends with it.
    var isLast = false
  }

  /// - Throws: ``DeviceFault/coding(_:)`` where the plan's tables are not what the coder needs.
  init(_ send: PlanSend) throws(DeviceFault) {
    try self.init(send) { blob throws(CodingError) in try RangeTables(blob) }
  }

  /// Of a plan whose tables were all checked when it was started; another time would cost as much as
  /// coding an image.
  init(checked send: PlanSend) throws(DeviceFault) {
    try self.init(send) { blob in RangeTables(checked: blob) }
  }

  private init(
    _ send: PlanSend,
    opening open: (UnsafeRawBufferPointer) throws(CodingError) -> RangeTables
  ) throws(DeviceFault) {
    self.send = send
    coder = send.coder
    sampling = coder == .jpeg ? send.coderTables.flatMap(JPEGTables.init)?.sampling : nil
    guard coder != .jpeg || sampling != nil else {
      throw .coding(.malformedTables(offset: 0))
    }
    shape = send.symbolShape(sampling)
    do throws(CodingError) {
      rangeTables = coder == .range ? try send.coderTables.map(open) : nil
    } catch {
      throw .coding(error)
    }
    if coder == .range {
      guard let rangeTables, rangeTables.channels == shape.channels,
        rangeTables.alphabetSize == send.alphabetSize
      else { throw .coding(.tablesMismatch) }
    }
  }

  /// Bytes of workspace that the coder needs.
  var workspaceSize: Int {
    switch coder {
    case .jpeg: Self.encoderSize + JPEGEncoder.workspaceSize
    case .file: Self.fileCapacity(send)
    case .raw, .lzw, .range:
      SymbolEncoder.workspaceSize(
        coder: symbolCoder, shape: shape, alphabetSize: send.alphabetSize)
    }
  }

  /// The coder of values; raw where a picture is coded.
  private var symbolCoder: Coder { Coder(rawValue: coder.rawValue) ?? .raw }

  /// Bytes that must be held between the coder and the frames.
  ///
  /// A carry may reach back over any number of the range coder's bytes, so that none of them may be
  /// final before the last; the other coders' bytes are final one by one.
  var codedCapacity: Int {
    switch coder {
    case .range: worstCase
    // The unit that is begun below a transmission's worth, and the end behind it.
    case .jpeg: Self.payloadRoom + unitCapacity + 16
    case .file: 0
    case .raw, .lzw: Self.payloadRoom + 16
    }
  }

  private var unitCapacity: Int {
    sampling.map { JPEGEncoder.worstCaseBytes(perUnitOf: $0) } ?? 0
  }

  /// Bytes of payload that a transmission has at most.
  var longestPart: Int { min(Self.payloadRoom, worstCase) }

  /// Bytes that no payload of the path exceeds.
  private var worstCase: Int {
    switch coder {
    case .jpeg: shape.count * unitCapacity
    case .file: Self.fileCapacity(send)
    case .raw, .lzw, .range:
      SymbolEncoder.worstCaseBytes(
        coder: symbolCoder, symbols: shape.count, alphabetSize: send.alphabetSize,
        tables: rangeTables)
    }
  }

  /// Begins an image's payload.
  mutating func begin(in memory: DeviceMemory) throws(DeviceFault) {
    finished = nil
    symbolsOut = 0
    if coder.isPicture { return beginPicture(in: memory) }
    do throws(CodingError) {
      var encoder = try SymbolEncoder(
        symbolCoder, shape: shape, alphabetSize: send.alphabetSize, tables: rangeTables,
        workspace: UnsafeMutableRawBufferPointer(rebasing: memory.workspace[..<workspaceSize]))
      if source == nil { source = try makeSource(in: memory) }
      encoder.begin(UnsafeMutableRawBufferPointer(rebasing: memory.transmit[..<codedCapacity]))
      self.encoder = encoder
    } catch {
      throw .coding(error)
    }
  }

  private func references(from first: Int, to last: Int) -> Int {
    guard coder == .range, let rangeTables else { return 0 }
    var sum = 0
    var symbol = first
    while symbol < last {
      let channel = symbol / shape.plane
      let next = min(last, (channel &+ 1) &* shape.plane)
      sum &+= rangeTables.references(ofChannel: channel) &* (next &- symbol)
      symbol = next
    }
    return sum
  }

  private func makeSource(in memory: DeviceMemory) throws(CodingError) -> SymbolSource {
    let tensor = send.tensor
    let features = UnsafeRawBufferPointer(
      rebasing: memory.arena[tensor.offset..<(tensor.offset + tensor.byteCount)])
    return try SymbolSource(send, features: features)
  }

  /// Codes on until there is a transmission's worth, and lays it into `room`.
  ///
  /// - Parameters:
  ///   - room: ``payloadRoom`` bytes at least.
  ///   - limit: of the whole payload. One below what was handed out ends the payload with as few
  ///     bytes more as there must be.
  mutating func next(
    from memory: DeviceMemory, into room: UnsafeMutableRawBufferPointer, limit: CodingLimit
  ) throws(DeviceFault) -> Part {
    switch coder {
    case .jpeg: return try jpegPart(from: memory, into: room, limit: limit)
    case .file: return try filePart(from: memory, into: room, limit: limit)
    case .raw, .lzw, .range: break
    }
    do throws(CodingError) {
      return try part(from: memory, into: room, limit: limit)
    } catch {
      throw .coding(error)
    }
  }

  private mutating func part(
    from memory: DeviceMemory, into room: UnsafeMutableRawBufferPointer, limit: CodingLimit
  ) throws(CodingError) -> Part {
    // The encoder stays where it lies: copying it costs as much as coding some symbols.
    guard encoder != nil, let source else { throw .workspaceTooSmall(capacity: 0) }
    var part = Part()
    if finished == nil {
      let stop =
        encoder!.settledBytes >= Self.payloadRoom
        ? EncodingStop.settled
        : try encoder!.encode(
          source, to: max(symbolsOut, min(shape.count, limit.symbols ?? .max)),
          settling: Self.payloadRoom, budget: limit.bytes ?? .max)
      part.symbols = encoder!.symbolsCoded - symbolsOut
      part.references = references(from: symbolsOut, to: encoder!.symbolsCoded)
      symbolsOut = encoder!.symbolsCoded
      if stop != .settled { finished = try encoder!.finish() }
    }
    let ready = finished ?? encoder!.settledBytes
    part.bytes = min(ready, Self.payloadRoom)
    let coded = UnsafeRawBufferPointer(rebasing: memory.transmit[..<part.bytes])
    room.copyMemory(from: coded)
    if let finished {
      self.finished = finished - part.bytes
      part.isLast = finished == part.bytes
      // The encoder is done; what it leaves moves up here.
      let rest = UnsafeRawBufferPointer(rebasing: memory.transmit[part.bytes..<finished])
      memory.transmit.copyMemory(from: rest)
    } else {
      encoder!.take(part.bytes)
    }
    return part
  }
}
