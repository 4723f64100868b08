import OffloadWire
import SeededRandom
import Testing

@Suite struct HostileFrameTests {
  @Test(arguments: FrameBytes.all)
  func everyTruncationIsRefused(bytes: [UInt8]) {
    for length in 0..<bytes.count {
      let error = #expect(throws: WireError.self) {
        try DecodedFrame(Array(bytes.prefix(length)))
      }
      guard case .truncated(_, let found) = error else {
        Issue.record("\(length): \(String(describing: error))")
        continue
      }
      #expect(found <= length)
    }
  }

  /// The header says less or more than the body's own fields: only a payload has no length of its
  /// own.
  @Test(arguments: FrameBytes.all)
  func aBodyOfAnotherLengthIsRefused(bytes: [UInt8]) {
    let body = Array(bytes.dropFirst(8))
    let hasPayload = bytes == FrameBytes.chunk || bytes == FrameBytes.end
    for change in [-3, -2, -1, 1, 2, 3, 300] where !hasPayload {
      let other =
        change < 0 ? Array(body.dropLast(-change)) : body + Array(repeating: 0, count: change)
      #expect(throws: WireError.self) { try frame(bytes[0], other) }
      // The body by itself, as a caller has it who has not looked at the header.
      let error = #expect(throws: WireError.self) {
        try decode(bytes[0], body: other)
      }
      switch error {
      case .truncated where change < 0, .trailingBytes where change > 0: break
      default: Issue.record("\(change): \(String(describing: error))")
      }
    }
  }

  /// A flipped bit is refused, or it is another frame that encodes to just those bytes.
  @Test(arguments: FrameBytes.all)
  func everyBitFlipIsRefusedOrAFrame(bytes: [UInt8]) {
    for bit in 0..<8 * bytes.count {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let frame = try? DecodedFrame(flipped) else { continue }
      let again = try? frame.encoded()
      #expect(again.map { flipped.starts(with: $0) } ?? false, "bit \(bit)")
    }
  }

  @Test func junkIsRefusedOrAFrame() {
    var random = SplitMix64(seed: 3)
    var accepted = 0
    for _ in 0..<50_000 {
      let type = UInt8.random(in: 0...12, using: &random)
      let length = Int.random(in: 0...64, using: &random)
      var body = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      // Mostly zeros, so that lengths and flags are small and often right.
      for index in body.indices where Int.random(in: 0..<4, using: &random) != 0 { body[index] = 0 }
      if type == 1, length >= 8, Bool.random(using: &random) {
        body.replaceSubrange(0..<8, with: [0x41, 0x47, 0x4E, 0x4E, 2, 0, UInt8(length % 8), 0])
      }
      guard let decoded = try? frame(type, body) else { continue }
      accepted += 1
      let again = try? decoded.encoded()
      #expect(again.map { Array($0.dropFirst(8)) } == body)
    }
    #expect(accepted > 1000)
  }

  @Test func unknownTypesAndReservedFieldsAreRefused() throws {
    for type in (0...255).map({ UInt8($0) }) where !(1...11).contains(type) {
      #expect(throws: WireError.unknownType(type)) { try frame(type, []) }
    }
    for offset in 1...3 {
      var bytes = FrameBytes.ping
      bytes[offset] = 1
      #expect(throws: WireError.reservedNotZero) { try DecodedFrame(bytes) }
    }
    for (sample, offsets) in [
      (FrameBytes.welcome, [10, 11]), (FrameBytes.infer, [13, 14, 15]),
      (FrameBytes.prediction, [18, 19]),
    ] {
      for offset in offsets {
        var bytes = sample
        bytes[offset] = 0x80
        #expect(throws: WireError.reservedNotZero) { try DecodedFrame(bytes) }
      }
    }
    #expect(throws: WireError.unknownErrorCode(10)) { try frame(5, [10, 0, 0, 0]) }
    #expect(throws: WireError.unknownErrorCode(0)) { try frame(5, [0, 0, 0, 0]) }
    for code in [0, 7, 11] as [UInt8] {
      #expect(throws: WireError.unknownRefusalCode(UInt16(code))) {
        try frame(11, [1, 0, 0, 0, code, 0, 0, 0, 0, 0, 0, 0])
      }
    }
  }

  @Test func scalesThatAreNotPositiveAndFiniteAreRefused() {
    for scale: Float in [0, -0.0, -1, .nan, .infinity, -.infinity] {
      var bytes = FrameBytes.prediction
      for byte in 0..<4 {
        bytes[20 + byte] = UInt8(truncatingIfNeeded: scale.bitPattern >> UInt32(8 * byte))
      }
      #expect(throws: WireError.badScale) { try DecodedFrame(bytes) }
    }
  }

  @Test func anotherMagicOrVersionIsRefused() {
    var magic = FrameBytes.hello
    magic[8] = 0x42
    #expect(throws: WireError.badMagic(0x4E4E_4742)) { try DecodedFrame(magic) }
    var version = FrameBytes.hello
    version[12] = 3
    // Whatever else that version has elsewhere.
    version[14] = 0xFF
    #expect(throws: WireError.unsupportedVersion(3)) { try DecodedFrame(version) }
    // What a device of version 1 sends.
    version = FrameBytes.hello
    version[12] = 1
    #expect(throws: WireError.unsupportedVersion(1)) { try DecodedFrame(version) }
    var welcome = FrameBytes.welcome
    welcome[9] = 1
    #expect(throws: WireError.unsupportedVersion(0x102)) { try DecodedFrame(welcome) }
  }

  @Test func lengthsAreRefusedBeforeTheBodyIsThere() throws {
    func header(_ type: UInt8, _ length: UInt32) throws(WireError) -> FrameHeader {
      let bytes = [type, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
      let result = bytes.withUnsafeBytes { bytes in
        Result { () throws(WireError) in try FrameHeader(decoding: bytes) }
      }
      return try result.get()
    }
    // By type: the least and the most that a body can have.
    for (type, least, most) in [
      (1, 40, 296), (2, 8, 8), (3, 12, 12), (4, 28, 28 + 65_535), (5, 4, 260), (6, 8, 8),
      (7, 8, 8), (8, 5, 0x7FFF_FFF7), (9, 8, 0x7FFF_FFF7), (10, 4, 4), (11, 12, 268),
    ] as [(UInt8, UInt32, UInt32)] {
      #expect(try header(type, least).bodyLength == least)
      #expect(try header(type, most).bodyLength == most)
      #expect(throws: WireError.bodyTooShort(length: least - 1, minimum: Int(least))) {
        try header(type, least - 1)
      }
      for length in [most + 1, .max] {
        #expect(throws: WireError.bodyTooLong(length: length, maximum: Int(most))) {
          try header(type, length)
        }
      }
    }
    let chunk = try header(8, 1000)
    try chunk.check(maximumBodyLength: 1000)
    for maximum in [999, 0, -1] {
      #expect(throws: WireError.bodyTooLong(length: 1000, maximum: maximum)) {
        try chunk.check(maximumBodyLength: maximum)
      }
    }
    #expect(throws: WireError.self) { try header(8, .max) }
  }

  @Test func everyErrorHasAnAnswerAndALine() {
    let errors: [(WireError, WireErrorCode)] = [
      (.truncated(expected: 8, found: 1), .malformed), (.trailingBytes(count: 1), .malformed),
      (.unknownType(12), .malformed), (.reservedNotZero, .malformed),
      (.bodyTooShort(length: 1, minimum: 8), .malformed),
      (.bodyTooLong(length: 9, maximum: 8), .tooLarge), (.badMagic(1), .malformed),
      (.unsupportedVersion(3), .unsupportedVersion),
      (.fieldTooLong(length: 9, maximum: 8), .internalFailure), (.badScale, .malformed),
      (.unknownErrorCode(99), .malformed), (.unknownRefusalCode(99), .malformed),
      (.bufferTooSmall(needed: 9, capacity: 8), .internalFailure),
    ]
    for (error, code) in errors {
      #expect(error.code == code)
      #expect(!"\(error)".contains("\n"))
    }
    #expect("\(WireError.badMagic(0x4E4E_4742))".contains("0x42474e4e"))
  }

  private func frame(_ type: UInt8, _ body: [UInt8]) throws(WireError) -> DecodedFrame {
    let length = UInt32(body.count)
    return try DecodedFrame(
      [type, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + body)
  }

  private func decode(_ type: UInt8, body: [UInt8]) throws(WireError) -> DecodedFrame {
    guard let type = FrameType(rawValue: type) else { throw .unknownType(type) }
    let result = body.withUnsafeBytes { body in
      Result { () throws(WireError) in try DecodedFrame(type, body: body) }
    }
    return try result.get()
  }
}
