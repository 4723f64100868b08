/// Frames as `docs/protocol.md` has them, put together by hand.
enum Frames {
  /// Header and body.
  static func frame(type: UInt8, body: [UInt8]) -> [UInt8] {
    header(type: type, length: UInt32(body.count)) + body
  }

  static func header(type: UInt8, length: UInt32) -> [UInt8] {
    [type, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
  }

  static func ping(_ nonce: UInt8) -> [UInt8] {
    frame(type: 6, body: [nonce, 0, 0, 0, 0, 0, 0, 0])
  }

  static func pong(_ nonce: UInt8) -> [UInt8] {
    frame(type: 7, body: [nonce, 0, 0, 0, 0, 0, 0, 0])
  }

  static let error = frame(type: 5, body: [9, 0, 2, 0, 0x6F, 0x6B])

  static func infer() -> [UInt8] {
    frame(type: 3, body: [1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255])
  }

  /// A chunk frame of `count` bytes in all.
  static func chunk(_ count: Int) -> [UInt8] {
    frame(type: 8, body: [UInt8](repeating: 1, count: count - 8))
  }

  /// A prediction frame of `count` bytes in all.
  static func prediction(_ count: Int) -> [UInt8] {
    frame(type: 4, body: [UInt8](repeating: 2, count: count - 8))
  }
}
