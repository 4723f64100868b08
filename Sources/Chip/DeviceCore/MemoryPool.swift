/// The SRAM behind stack and static data, divided once, piece after piece, each at a multiple of 16:
/// where the emulator's SRAM would place them too.
public struct MemoryPool {
  private let memory: UnsafeMutableRawBufferPointer
  private var used = 0

  public static let alignment = 16

  /// nil where the memory does not start at a multiple of ``alignment``.
  public init?(_ memory: UnsafeMutableRawBufferPointer) {
    guard UInt(bitPattern: memory.baseAddress) % UInt(Self.alignment) == 0 else { return nil }
    self.memory = memory
  }

  /// The next piece, its bytes 0; nil where it does not fit.
  mutating func take(_ bytes: Int) -> UnsafeMutableRawBufferPointer? {
    // Nothing needs no place, not even a multiple of 16.
    guard bytes != 0 else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    let start = (used + Self.alignment - 1) & ~(Self.alignment - 1)
    guard bytes >= 0, start <= memory.count, bytes <= memory.count - start else { return nil }
    used = start + bytes
    let piece = UnsafeMutableRawBufferPointer(rebasing: memory[start..<used])
    piece.initializeMemory(as: UInt8.self, repeating: 0)
    return piece
  }
}
