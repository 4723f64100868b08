/// The range coder's interval, and the bytes that it has put out.
///
/// A carry out of the interval's beginning is added to the bytes at once: they stay here until none
/// can reach them.
struct RangeWriter {
  var interval = CodedInterval()
  private let output: UnsafeMutablePointer<UInt8>?
  let capacity: Int
  /// Bytes in the buffer.
  private(set) var count = 0
  /// Bytes that were taken out of it.
  private(set) var taken = 0

  init(_ output: UnsafeMutableRawBufferPointer) {
    self.output = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    capacity = output.count
  }

  /// Narrows the interval to a symbol's share of the total; ``shift()`` must follow if it
  /// ``isNarrow`` then.
  @inline(__always)
  mutating func narrow(start: UInt32, frequency: UInt32) {
    if interval.narrow(start: start, frequency: frequency) { carry() }
  }

  @inline(__always)
  var isNarrow: Bool { interval.isNarrow }

  /// Puts out bytes until the range is at least 2^24: one or two.
  @inline(__always)
  mutating func shift() throws(CodingError) {
    repeat {
      guard count < capacity else { throw .outputTooSmall(capacity: capacity) }
      output.unsafelyUnwrapped[count] = UInt8(truncatingIfNeeded: interval.low >> 24)
      count &+= 1
      interval.low <<= 8
      interval.range <<= 8
    } while isNarrow
  }

  /// The bytes of the payload if it ended after this symbol.
  func finishedSize(start: UInt32, frequency: UInt32) -> Int {
    var next = interval
    _ = next.narrow(start: start, frequency: frequency)
    var bytes = taken + count
    while next.isNarrow {
      bytes += 1
      next.low <<= 8
      next.range <<= 8
    }
    return bytes + Self.tailSize(low: next.low, range: next.range)
  }

  var finishedSize: Int {
    taken + count + Self.tailSize(low: interval.low, range: interval.range)
  }

  /// Bytes that no carry can reach: all before the last that is not 255.
  var settledBytes: Int {
    var settled = count
    while settled > 0 {
      settled -= 1
      if output.unsafelyUnwrapped[settled] != 255 { break }
    }
    return settled
  }

  /// Forgets the first bytes, which must be settled, and moves the others to the beginning.
  mutating func take(_ bytes: Int) {
    precondition(bytes >= 0 && bytes <= settledBytes)
    guard bytes > 0, let output else { return }
    for index in bytes..<count { output[index - bytes] = output[index] }
    count -= bytes
    taken += bytes
  }

  /// Ends the payload with as few bytes as name a number of the interval, and returns the bytes in
  /// the buffer.
  mutating func finish() throws(CodingError) -> Int {
    if Self.tailSize(low: interval.low, range: interval.range) == 1 {
      guard count < capacity else { throw .outputTooSmall(capacity: capacity) }
      output.unsafelyUnwrapped[count] = Self.tail(low: interval.low)
      count += 1
    } else if interval.low != 0 {
      carry()
    }
    interval = CodedInterval()
    return count
  }

  /// Bytes that end the payload, 0 or 1: 0 if bytes of zero, which the decoder goes on with, lead
  /// into the interval, or a carry and bytes of zero. An interval of 2^24 has a multiple of it.
  static func tailSize(low: UInt32, range: UInt32) -> Int {
    low == 0 || low.addingReportingOverflow(range - 1).overflow ? 0 : 1
  }

  /// The byte that ends the payload where one does.
  static func tail(low: UInt32) -> UInt8 {
    UInt8(truncatingIfNeeded: (low &+ 0xFF_FFFF) >> 24)
  }

  /// The first byte can always take what reaches it: the interval never leaves 0 to 1.
  @inline(never)
  func carry() {
    guard let output else { return }
    var index = count - 1
    while index >= 0 {
      output[index] &+= 1
      if output[index] != 0 { return }
      index -= 1
    }
  }
}
