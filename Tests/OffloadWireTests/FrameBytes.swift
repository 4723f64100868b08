import OffloadWire
import Testing

/// One frame of every type with its bytes as `docs/protocol.md` has them, written out by hand.
enum FrameBytes {
  static let digest = (0..<32).map { UInt8(0xA0 + $0) }

  static let hello: [UInt8] =
    [1, 0, 0, 0, 44, 0, 0, 0]
    + [0x41, 0x47, 0x4E, 0x4E, 2, 0, 4, 0] + digest + Array("open".utf8)
  static let welcome: [UInt8] = [2, 0, 0, 0, 8, 0, 0, 0] + [2, 0, 0, 0, 0x78, 0x56, 0x34, 0x12]
  static let infer: [UInt8] =
    [3, 0, 0, 0, 12, 0, 0, 0] + [0x04, 0x03, 0x02, 0x01, 2, 0, 0, 0, 0xA8, 0x61, 0, 0]
  static let chunk: [UInt8] = [8, 0, 0, 0, 5, 0, 0, 0] + [0x04, 0x03, 0x02, 0x01, 0x84]
  static let end: [UInt8] =
    [9, 0, 0, 0, 9, 0, 0, 0] + [0x04, 0x03, 0x02, 0x01, 8, 0, 0, 0, 0x16]
  static let cancel: [UInt8] = [10, 0, 0, 0, 4, 0, 0, 0] + [0x04, 0x03, 0x02, 0x01]
  static let prediction: [UInt8] =
    [4, 0, 0, 0, 31, 0, 0, 0]
    + [0x04, 0x03, 0x02, 0x01, 8, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0x3E]
    + [90, 0, 0, 0, 35, 0, 0, 0, 0x48, 3, 0, 0] + [0x81, 0, 0x7F]
  static let refusal: [UInt8] =
    [11, 0, 0, 0, 16, 0, 0, 0]
    + [0x04, 0x03, 0x02, 0x01, 9, 0, 4, 0, 0xFA, 0, 0, 0] + Array("full".utf8)
  static let error: [UInt8] =
    [5, 0, 0, 0, 8, 0, 0, 0] + [3, 0, 4, 0] + Array("what".utf8)
  static let ping: [UInt8] = [6, 0, 0, 0, 8, 0, 0, 0] + [8, 7, 6, 5, 4, 3, 2, 1]
  static let pong: [UInt8] = [7, 0, 0, 0, 8, 0, 0, 0] + [8, 7, 6, 5, 4, 3, 2, 1]

  static let all = [
    hello, welcome, infer, chunk, end, cancel, prediction, refusal, error, ping, pong,
  ]
}
