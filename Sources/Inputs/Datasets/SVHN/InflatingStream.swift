import CImageCodecs

/// A zlib stream in a stretch of a file, inflated as it is read. Memory grows with what really
/// comes out, never with what a header claims.
final class InflatingStream: ByteStream {
  private let file: RecordFile
  /// What is still to be read of the file.
  private var rest: Range<Int>
  private var input: [UInt8] = []
  /// How much of `input` has been taken.
  private var taken = 0
  private var ended = false
  /// zlib keeps the stream's address, so that it must not move.
  private let stream: UnsafeMutablePointer<z_stream>

  /// Bytes that are read, or inflated, at once.
  private static let chunk = 1 << 16

  /// - Precondition: the range lies inside the file.
  init(_ file: RecordFile, _ range: Range<Int>) throws(DatasetError) {
    precondition(range.lowerBound >= 0 && range.upperBound <= file.size)
    self.file = file
    rest = range
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw .unreadable(path: file.path, reason: "zlib does not start (\(status))")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  func read(_ count: Int) throws(DatasetError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let piece = try inflated(atMost: min(count - bytes.count, Self.chunk))
      guard !piece.isEmpty else {
        throw .corrupt(path: file.path, reason: "a compressed array is cut short")
      }
      bytes += piece
    }
    return bytes
  }

  /// Reads to the end of the zlib stream, so that its checksum is compared.
  func finish(padding: Int) throws(DatasetError) {
    var surplus = 0
    while !ended {
      surplus += try inflated(atMost: Self.chunk).count
      guard surplus <= padding else {
        throw .corrupt(path: file.path, reason: "a compressed array is longer than it says")
      }
    }
  }

  /// Some bytes more; none only at the stream's end.
  private func inflated(atMost limit: Int) throws(DatasetError) -> [UInt8] {
    while !ended {
      if taken == input.count {
        let next = rest.lowerBound..<min(rest.lowerBound + Self.chunk, rest.upperBound)
        guard !next.isEmpty else {
          throw .corrupt(path: file.path, reason: "a compressed array is cut short")
        }
        input = try file.read(at: next.lowerBound, count: next.count)
        taken = 0
        rest = next.upperBound..<rest.upperBound
      }
      let output = try step(limit)
      if !output.isEmpty { return output }
    }
    return []
  }

  /// One call of `inflate` on what is left of `input`.
  private func step(_ limit: Int) throws(DatasetError) -> [UInt8] {
    var status = Z_OK
    let output = [UInt8](unsafeUninitializedCapacity: limit) { output, filled in
      input.withUnsafeMutableBufferPointer { input in
        stream.pointee.next_in = input.baseAddress.map { $0 + taken }
        stream.pointee.avail_in = uInt(input.count - taken)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = uInt(limit)
        status = inflate(stream, Z_NO_FLUSH)
        taken = input.count - Int(stream.pointee.avail_in)
        filled = limit - Int(stream.pointee.avail_out)
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
      }
    }
    switch status {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: ended = true
    default: throw .corrupt(path: file.path, reason: "a compressed array does not inflate")
    }
    return output
  }
}
