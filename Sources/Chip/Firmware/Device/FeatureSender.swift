import FeatureCoding
import FirmwareABI
import MCUKernels
import OffloadWire

/// From the features in the arena to an infer frame in the transmit buffer.
public struct FeatureSender {
  public let quantiser: SymbolQuantiser
  /// Where the features of the image that ran last lie, int8 [height,width,channels].
  public let features: UnsafeRawBufferPointer
  let dictionary: UnsafeMutableRawBufferPointer
  let transmit: UnsafeMutableRawBufferPointer
  private var encoder: LZWEncoder?

  /// - Parameters:
  ///   - tensor: the plan's features.
  ///   - arena: where the plan runs.
  ///   - pool: gives the coder's dictionary, then room for the longest frame.
  init(
    _ tensor: PlanTensor, of plan: Plan, in arena: UnsafeMutableRawBufferPointer,
    from pool: inout MemoryPool
  ) throws(FirmwareStatus) {
    guard tensor.rank == 4, tensor.dimension(0) == 1, tensor.elementType == .int8 else {
      throw FirmwareStatus(FIRMWARE_PLAN_USE)
    }
    let channels = tensor.dimension(3)
    let table = plan.symbolTable
    if let table, table.channels != 1, table.channels != channels {
      throw FirmwareStatus(FIRMWARE_PLAN_USE)
    }
    quantiser = SymbolQuantiser(
      height: tensor.dimension(1), width: tensor.dimension(2), channels: channels,
      tables: table.map {
        UnsafeRawBufferPointer(start: $0.symbolOf(channel: 0), count: 256 * $0.channels)
      })
    features = UnsafeRawBufferPointer(
      rebasing: arena[tensor.offset..<(tensor.offset + tensor.byteCount)])

    let symbols = quantiser.symbolCount
    var dictionaryBytes = 0
    var payloadBytes = symbols
    if let table {
      dictionaryBytes = LZWEncoder.workspaceSize(
        alphabetSize: table.alphabetSize, symbols: symbols)
      payloadBytes = LZWEncoder.worstCaseBytes(
        symbols: symbols, alphabetSize: table.alphabetSize)
    }
    guard let dictionary = pool.take(dictionaryBytes),
      let transmit = pool.take(Infer.payloadOffset + payloadBytes)
    else { throw FirmwareStatus(FIRMWARE_POOL_TOO_SMALL) }
    self.dictionary = dictionary
    self.transmit = transmit
    if let table {
      encoder = LZWEncoder(alphabetSize: table.alphabetSize, workspace: dictionary)
    }
  }

  /// Codes the features straight into the transmit buffer, frames them there, and returns the
  /// frame's bytes.
  mutating func buildFrame(id: UInt32, path: UInt8) throws(FirmwareStatus) -> Int {
    let room = UnsafeMutableRawBufferPointer(rebasing: transmit[Infer.payloadOffset...])
    let payloadBytes: Int
    do throws(CodingError) {
      payloadBytes = try code(into: room)
    } catch {
      throw FirmwareStatus(FIRMWARE_CODING)
    }
    let payload = UnsafeRawBufferPointer(rebasing: room[..<payloadBytes])
    do throws(WireError) {
      return try Infer(id: id, path: path, payload: payload).encode(into: transmit)
    } catch {
      throw FirmwareStatus(FIRMWARE_FRAME)
    }
  }

  private mutating func code(
    into room: UnsafeMutableRawBufferPointer
  ) throws(CodingError) -> Int {
    guard encoder != nil else {
      try quantiser.quantise(features: features, into: room)
      return quantiser.symbolCount
    }
    return try quantiser.encode(features: features, with: &encoder!, into: room)
  }
}
