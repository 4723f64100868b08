extension FixedWidthInteger {
  /// The bytes of the number, the lowest first.
  var littleEndianBytes: [UInt8] {
    withUnsafeBytes(of: littleEndian) { [UInt8]($0) }
  }
}
