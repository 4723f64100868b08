import NIOCore
import OffloadWire
import SeededRandom
import Testing

@testable import Link

struct FrameAssemblerTests {
  private func frames(
    of pieces: [[UInt8]], limit: Int = 1000
  ) throws(WireError) -> [[UInt8]] {
    var assembler = FrameAssembler(maximumBodyLength: limit)
    var frames: [[UInt8]] = []
    for piece in pieces {
      assembler.append(ByteBuffer(bytes: piece))
      while let frame = try assembler.next() { frames.append(frame.bytes) }
    }
    return frames
  }

  private let stream = Frames.pong(1) + Frames.prediction(60) + Frames.error + Frames.pong(2)
  private let whole = [Frames.pong(1), Frames.prediction(60), Frames.error, Frames.pong(2)]

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

  @Test func aFrameThatStopsIsNoFrame() throws {
    let frame = Frames.prediction(60)
    for length in 0..<frame.count {
      var assembler = FrameAssembler(maximumBodyLength: 1000)
      assembler.append(ByteBuffer(bytes: Array(frame[..<length])))
      #expect(try assembler.next() == nil)
      #expect(assembler.isInsideFrame == (length > 0))
    }
  }

  @Test func tooLongABodyIsRefusedByItsHeaderAlone() throws {
    let limit = 100
    #expect(try frames(of: [Frames.prediction(108)], limit: limit).count == 1)
    for length in [101, 1000, UInt32(Int32.max), UInt32.max] {
      #expect(throws: WireError.self) {
        try frames(of: [Frames.header(type: 4, length: length)], limit: limit)
      }
    }
  }

  @Test func headersThatAreNoneAreRefused() {
    for type in [0, 8, 9, 10, 11, 72, 255] as [UInt8] {
      #expect(throws: WireError.self) { try frames(of: [Frames.header(type: type, length: 8)]) }
    }
    for byte in 1...3 {
      var header = Frames.header(type: 7, length: 8)
      header[byte] = 1
      #expect(throws: WireError.self) { try frames(of: [header]) }
    }
    #expect(throws: WireError.self) { try frames(of: [Array("HTTP/1.1 400".utf8)]) }
  }

  @Test func junkIsEitherRefusedOrWaitedFor() throws {
    var generator = SplitMix64(seed: 11)
    for _ in 0..<500 {
      let junk = (0..<40).map { _ in UInt8(generator.unit() * 256) }
      var assembler = FrameAssembler(maximumBodyLength: 64)
      assembler.append(ByteBuffer(bytes: junk))
      do {
        while try assembler.next() != nil {}
      } catch {
        continue
      }
      #expect([3, 4, 5, 6, 7, 1, 2].contains(junk[0]), "only a real header passes")
    }
  }
}
