import OffloadWire
import SeededRandom
import Testing

/// The framer over a buffer that grows by pieces of any size, as a receiver has it.
@Suite struct FramerTests {
  private let whole = [
    FrameBytes.pong, FrameBytes.prediction, FrameBytes.refusal, FrameBytes.chunk, FrameBytes.error,
    FrameBytes.end, FrameBytes.pong,
  ]
  private var stream: [UInt8] { whole.flatMap { $0 } }

  private func next(_ bytes: [UInt8], limit: Int = 1000) throws(WireError) -> Framing {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(WireError) in try Framer(maximumBodyLength: limit).next(in: bytes) }
    }
    return try result.get()
  }

  private func frames(of pieces: [[UInt8]], limit: Int = 1000) throws(WireError) -> [[UInt8]] {
    var buffer: [UInt8] = []
    var frames: [[UInt8]] = []
    for piece in pieces {
      buffer += piece
      while case .frame(let header) = try next(buffer, limit: limit) {
        frames.append(Array(buffer.prefix(header.frameSize)))
        buffer.removeFirst(header.frameSize)
      }
    }
    return frames
  }

  @Test func piecesOfEverySizeGiveTheSameFrames() throws {
    for size in 1...stream.count {
      let pieces = stride(from: 0, to: stream.count, by: size).map {
        Array(stream[$0..<min($0 + size, stream.count)])
      }
      #expect(try frames(of: pieces) == whole)
    }
  }

  @Test func everySingleCutGivesTheSameFrames() throws {
    for cut in 0...stream.count {
      let pieces = [Array(stream[..<cut]), [], Array(stream[cut...])]
      #expect(try frames(of: pieces) == whole)
    }
  }

  @Test(arguments: FrameBytes.all)
  func aFrameThatStopsSaysWhatIsMissing(bytes: [UInt8]) throws {
    for length in 0..<bytes.count {
      let found = try next(Array(bytes.prefix(length)))
      guard case .incomplete(let header, let missing) = found else {
        Issue.record("\(length) bytes: \(found)")
        continue
      }
      #expect((header == nil) == (length < FrameHeader.size))
      #expect(header.map { $0.type.rawValue == bytes[0] } ?? true)
      #expect(length + missing == (header == nil ? FrameHeader.size : bytes.count))
    }
    guard case .frame(let header) = try next(bytes + [1, 2, 3]) else {
      Issue.record("no frame")
      return
    }
    #expect(header.frameSize == bytes.count)
    #expect(header.body == 8..<bytes.count)
  }

  @Test func tooLongABodyIsRefusedByItsHeaderAlone() throws {
    func header(_ length: UInt32) -> [UInt8] {
      [8, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    }
    #expect(
      try next(header(100), limit: 100)
        == .incomplete(FrameHeader(type: .chunk, bodyLength: 100), missing: 100))
    for length in [101, 1000, UInt32(Int32.max), UInt32.max] {
      let error = #expect(throws: WireError.self) { try next(header(length), limit: 100) }
      #expect(error?.code == .tooLarge)
    }
    // However large the limit, a frame's size can be counted.
    #expect(throws: WireError.self) { try next(header(0x7FFF_FFF8), limit: .max) }
    for limit in [0, -1, .min] {
      #expect(throws: WireError.self) { try next(header(5), limit: limit) }
    }
  }

  @Test func headersThatAreNoneAreRefusedAtOnce() {
    for type in [0, 12, 72, 255] as [UInt8] {
      #expect(throws: WireError.unknownType(type)) { try next([type, 0, 0, 0, 8, 0, 0, 0]) }
    }
    for byte in 1...3 {
      var bytes = FrameBytes.pong
      bytes[byte] = 1
      #expect(throws: WireError.reservedNotZero) { try next(Array(bytes.prefix(8))) }
    }
    #expect(throws: WireError.self) { try next(Array("HTTP/1.1 400".utf8)) }
  }

  @Test func junkIsRefusedOrWaitedFor() {
    var random = SplitMix64(seed: 11)
    for _ in 0..<20_000 {
      var junk = (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }
      // Often a header that could be one.
      if Bool.random(using: &random) {
        junk.replaceSubrange(0..<8, with: [junk[0] % 13, 0, 0, 0, junk[4] % 64, 0, 0, 0])
      }
      guard let found = try? next(junk, limit: 64) else { continue }
      #expect((1...11).contains(junk[0]))
      switch found {
      case .frame(let header): #expect(header.frameSize <= junk.count)
      case .incomplete(let header, let missing):
        #expect(header.map { $0.frameSize == junk.count + missing } ?? false)
      }
    }
  }
}
