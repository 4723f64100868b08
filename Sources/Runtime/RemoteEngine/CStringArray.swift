/// Strings as C wants a list of names: pointers to bytes that end in zero.
struct CStringArray {
  private let bytes: [CChar]
  private let offsets: [Int]

  init(_ strings: [String]) {
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
      offsets.append(bytes.count)
      bytes += string.utf8CString
    }
    self.bytes = bytes
    self.offsets = offsets
  }

  /// The pointers are good until `body` returns.
  func withPointers<Result>(
    _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
  ) -> Result {
    bytes.withUnsafeBufferPointer { buffer in
      let pointers = offsets.map { offset in buffer.baseAddress.map { $0 + offset } }
      return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
  }
}
