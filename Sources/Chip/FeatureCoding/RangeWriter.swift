/// The range coder's interval, and the bytes that it has put out.
///
/// A carry out of the interval's beginning is added to the bytes at once: they stay here until none
/// can reach them.
struct RangeWriter {
  private var interval = CodedInterval()
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

  /// Narrows the interval to one share after another.
  ///
  /// - Parameters:
  ///   - shares: as ``CodedInterval/narrow(to:)`` takes them. One behind the last is read and not used.
  ///   - watch: bytes in the buffer at which it stops, after any share that puts bytes out; it also
  ///     stops where there is room for one byte only.
  /// - Returns: the place behind the last share taken.
  mutating func put(
    _ shares: UnsafePointer<UInt32>, from first: Int, to last: Int, watch: Int
  ) throws(CodingError) -> Int {
    guard let output, count &+ 1 < capacity else {
      try put(shares[first])
      return first &+ 1
    }
    let reached = Self.narrow(
      interval, to: shares + first, shares + last, output + count,
      stop: output + min(watch, capacity &- 1), output)
    interval = CodedInterval(low: reached.low, range: reached.range)
    count = reached.place - output
    return reached.share - shares
  }

  /// The loop alone, in a function that neither throws nor has a `self`, which would take two of the
  /// core's registers.
  @inline(never)
  private static func narrow(
    _ interval: CodedInterval, to first: UnsafePointer<UInt32>, _ end: UnsafePointer<UInt32>,
    _ place: UnsafeMutablePointer<UInt8>, stop: UnsafeMutablePointer<UInt8>,
    _ output: UnsafeMutablePointer<UInt8>
  ) -> (
    low: UInt32, range: UInt32, share: UnsafePointer<UInt32>, place: UnsafeMutablePointer<UInt8>
  ) {
    var interval = interval
    var place = place
    var share = first
    // Each is loaded while the one before is computed with.
    var next = share.pointee
    while share < end {
      let current = next
      share += 1
      next = share.pointee
      if _slowPath(interval.narrow(to: current)) { carry(from: place, to: output) }
      guard _slowPath(interval.isNarrow) else { continue }
      place.pointee = interval.nextByte()
      place += 1
      if _slowPath(interval.isNarrow) {
        place.pointee = interval.nextByte()
        place += 1
      }
      if place >= stop { break }
    }
    return (interval.low, interval.range, share, place)
  }

  private mutating func put(_ share: UInt32) throws(CodingError) {
    if interval.narrow(to: share) { carry() }
    while interval.isNarrow {
      guard let output, count < capacity else { throw .outputTooSmall(capacity: capacity) }
      output[count] = interval.nextByte()
      count &+= 1
    }
  }

  /// The bytes of the payload if it ended after a symbol with this share.
  func finishedSize(with share: UInt32) -> Int {
    var next = interval
    _ = next.narrow(to: share)
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

  private func carry() {
    guard let output else { return }
    Self.carry(from: output + count, to: output)
  }

  /// The first byte can always take what reaches it: the interval never leaves 0 to 1.
  @inline(never)
  private static func carry(
    from end: UnsafeMutablePointer<UInt8>, to first: UnsafeMutablePointer<UInt8>
  ) {
    var place = end
    while place > first {
      place -= 1
      place.pointee &+= 1
      if place.pointee != 0 { return }
    }
  }
}
