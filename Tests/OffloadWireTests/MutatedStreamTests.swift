import Foundation
import OffloadWire
import SeededRandom
import Testing

/// Streams of frames with bytes changed, lost, repeated and moved, cut up by the framer and decoded.
///
/// `AGILENN_MUTATIONS` sets how many; a failure names its seed.
@Suite struct MutatedStreamTests {
  private static let count =
    ProcessInfo.processInfo.environment["AGILENN_MUTATIONS"].flatMap { Int($0) } ?? 20_000

  /// What is taken for a frame encodes to just the bytes that it was decoded from.
  @Test func everyStreamIsCutIntoFramesOrRefused() {
    var (frames, refused) = (0, 0)
    for seed in 0..<Self.count {
      var random = SplitMix64(seed: UInt64(seed))
      var bytes = stream(&random)
      for _ in 0..<Int.random(in: 0...3, using: &random) { mutate(&bytes, &random) }
      do {
        frames += try takeFrames(of: bytes, seed: seed)
      } catch {
        refused += 1
      }
    }
    #expect(frames > Self.count && refused > Self.count / 10)
  }

  private func takeFrames(of bytes: [UInt8], seed: Int) throws(WireError) -> Int {
    var frames = 0
    var rest = bytes[...]
    while true {
      // The memory ends where the bytes do.
      let memory = Array(rest)
      let taken = memory.withUnsafeBytes { view in
        Result { () throws(WireError) -> Int? in
          guard case .frame(let header) = try Framer(maximumBodyLength: 400).next(in: view) else {
            return nil
          }
          let body = UnsafeRawBufferPointer(rebasing: view[header.body])
          let frame = try DecodedFrame(header.type, body: body)
          let again = try frame.encoded()
          #expect(again == memory.prefix(header.frameSize).map(\.self), "seed \(seed)")
          return header.frameSize
        }
      }
      guard let size = try taken.get() else { return frames }
      frames += 1
      rest = rest.dropFirst(size)
    }
  }

  private func stream(_ random: inout SplitMix64) -> [UInt8] {
    (0..<Int.random(in: 1...6, using: &random)).flatMap { _ in
      FrameBytes.all.randomElement(using: &random) ?? []
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    guard let index = bytes.indices.randomElement(using: &random) else { return }
    let piece = index..<min(bytes.count, index + Int.random(in: 1...12, using: &random))
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
    case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(piece)
    case 3: bytes.insert(contentsOf: bytes[piece], at: index)
    case 4: bytes.removeSubrange(index...)
    default:
      let moved = Array(bytes[piece])
      bytes.removeSubrange(piece)
      bytes.insert(contentsOf: moved, at: Int.random(in: 0...bytes.count, using: &random))
    }
  }
}
