/// A view of one operator record of a plan image.
struct OperatorRecord {
  private let base: UnsafeRawPointer

  init(base: UnsafeRawPointer) {
    self.base = base
  }

  func unsigned(_ word: PlanFormat.Word) -> UInt32 {
    UInt32(littleEndian: base.load(fromByteOffset: 4 * word.rawValue, as: UInt32.self))
  }

  func signed(_ word: PlanFormat.Word) -> Int32 { Int32(bitPattern: unsigned(word)) }

  /// The word as a signed number of the machine's width.
  func int(_ word: PlanFormat.Word) -> Int { Int(signed(word)) }

  var kind: OperatorKind? {
    OperatorKind(rawValue: UInt8(truncatingIfNeeded: unsigned(.kind)))
  }

  func has(_ flag: UInt32) -> Bool { unsigned(.kind) & flag != 0 }

  var macs: UInt64 { UInt64(unsigned(.macsHigh)) << 32 | UInt64(unsigned(.macsLow)) }
}
