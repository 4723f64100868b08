/// The secret that a device's hello must carry.
struct Token: Sendable {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Compares in a time that depends on the presented bytes' count alone, so that nobody can feel
  /// the way to the token by timing refusals.
  func matches(_ presented: some Collection<UInt8>) -> Bool {
    var difference: UInt8 = presented.count == bytes.count && !bytes.isEmpty ? 0 : 1
    var index = 0
    for byte in presented {
      difference |= byte ^ (bytes.isEmpty ? 0 : bytes[index % bytes.count])
      index += 1
    }
    return difference == 0
  }
}
