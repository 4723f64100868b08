import Synchronization

/// The board's SRAM: one space that holds all that the device program has in hand.
///
/// Placement is first fit by rising offset. What is handed out are slices of one block of real
/// memory, so that an emulated buffer that is overrun hits its neighbour as it would on the chip.
/// The memory lives as long as this object; a slice is used no longer than that.
public final class SRAM: Sendable {
  /// Bytes in all.
  public let capacity: Int
  private let block: Block
  private let ledger = Mutex(Ledger())

  /// Every tenant begins at a multiple of this, or of a larger power of two that it asks for.
  public static let alignment = 16

  /// - Parameter capacity: bytes, more than 0.
  public init(capacity: Int) {
    precondition(capacity > 0, "SRAM of no bytes")
    self.capacity = capacity
    block = Block(byteCount: capacity)
  }

  /// The tenants by offset.
  public var map: [SRAMTenant] { ledger.withLock { $0.tenants } }

  /// Bytes between tenants' starts and the aligned ends of their sizes, all tenants together.
  public var used: Int { ledger.withLock { $0.used } }

  /// The most that ``used`` has been.
  public var peak: Int { ledger.withLock { $0.peak } }

  /// Takes a piece of SRAM; its bytes are 0.
  ///
  /// - Parameters:
  ///   - name: whom the map shows.
  ///   - bytes: 0 gives an empty buffer, which the map does not show.
  ///   - alignment: a power of two.
  /// - Throws: ``SRAMOverflow`` where no free piece is large enough.
  public func allocate(
    _ name: String, bytes: Int, alignment: Int = SRAM.alignment
  ) throws(SRAMOverflow) -> UnsafeMutableRawBufferPointer {
    precondition(alignment > 0 && alignment & (alignment - 1) == 0, "not a power of two")
    let request = SRAMRequest(name: name, byteCount: bytes)
    guard let offset = place(request, alignment: max(alignment, SRAM.alignment)) else {
      throw overflow(refusing: [request])
    }
    let slice = block.slice(offset: offset, byteCount: bytes)
    slice.initializeMemory(as: UInt8.self, repeating: 0)
    return slice
  }

  /// Takes several pieces, all or none, so that a refusal shows all that was wanted.
  ///
  /// - Returns: their buffers, in the order of the requests.
  /// - Throws: ``SRAMOverflow`` with those requests that found no place; none of them is kept.
  public func allocate(
    all requests: [SRAMRequest]
  ) throws(SRAMOverflow) -> [UnsafeMutableRawBufferPointer] {
    let before = ledger.withLock { $0 }
    var offsets: [Int] = []
    var refused: [SRAMRequest] = []
    for request in requests {
      if let offset = place(request, alignment: SRAM.alignment) {
        offsets.append(offset)
      } else {
        refused.append(request)
      }
    }
    guard refused.isEmpty else {
      let overflow = overflow(refusing: refused)
      ledger.withLock { $0 = before }
      throw overflow
    }
    return zip(offsets, requests).map { offset, request in
      let slice = block.slice(offset: offset, byteCount: request.byteCount)
      slice.initializeMemory(as: UInt8.self, repeating: 0)
      return slice
    }
  }

  /// Takes a piece that nobody addresses through this object: the stack, static data.
  ///
  /// - Throws: ``SRAMOverflow`` where no free piece is large enough.
  public func reserve(_ name: String, bytes: Int) throws(SRAMOverflow) {
    _ = try allocate(name, bytes: bytes)
  }

  /// Gives back what ``allocate(_:bytes:alignment:)`` handed out.
  public func release(_ buffer: UnsafeMutableRawBufferPointer) {
    guard let start = buffer.baseAddress, buffer.count > 0 else { return }
    let offset = block.offset(of: start)
    let found = ledger.withLock { $0.remove(offset: offset, byteCount: buffer.count) }
    precondition(found, "a buffer was released that SRAM did not hand out")
  }

  /// The first place where a request fits, taken; nil where there is none.
  private func place(_ request: SRAMRequest, alignment: Int) -> Int? {
    ledger.withLock { $0.place(request, alignment: alignment, capacity: capacity) }
  }

  private func overflow(refusing refused: [SRAMRequest]) -> SRAMOverflow {
    ledger.withLock { ledger in
      SRAMOverflow(
        capacity: capacity, tenants: ledger.tenants, refused: refused,
        largestGap: ledger.largestGap(capacity: capacity))
    }
  }
}

extension SRAM {
  /// The block of memory behind the emulated SRAM; the one place where its addresses are known.
  private final class Block: @unchecked Sendable {
    private let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
      bytes = .allocate(byteCount: byteCount, alignment: 4096)
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit {
      bytes.deallocate()
    }

    func slice(offset: Int, byteCount: Int) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<(offset + byteCount)])
    }

    func offset(of address: UnsafeMutableRawPointer) -> Int {
      guard let start = bytes.baseAddress else { return -1 }
      return address - start
    }
  }
}
