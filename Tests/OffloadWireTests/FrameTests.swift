import OffloadWire
import Testing

@Suite struct FrameTests {
  @Test func everyFrameHasTheSpecificationsFields() throws {
    let digest = try #require(BundleDigest(FrameBytes.digest))
    #expect(
      try DecodedFrame(FrameBytes.hello)
        == .hello(version: 2, digest: digest, token: Array("open".utf8)))
    #expect(
      try DecodedFrame(FrameBytes.welcome) == .welcome(Welcome(maximumBodyLength: 0x1234_5678)))
    let id: UInt32 = 0x0102_0304
    #expect(
      try DecodedFrame(FrameBytes.infer) == .infer(Infer(id: id, path: 2, timeLeft: 25_000)))
    #expect(try DecodedFrame(FrameBytes.chunk) == .chunk(id: id, payload: [0x84]))
    #expect(try DecodedFrame(FrameBytes.end) == .end(id: id, symbolCount: 8, payload: [0x16]))
    #expect(try DecodedFrame(FrameBytes.cancel) == .cancel(Cancel(id: id)))
    #expect(
      try DecodedFrame(FrameBytes.prediction)
        == .prediction(
          id: id, symbolsUsed: 8, scale: 0.125, times: [90, 35, 840], logits: [0x81, 0, 0x7F]))
    #expect(
      try DecodedFrame(FrameBytes.refusal)
        == .refusal(id: id, .busy, retryAfter: 250, message: Array("full".utf8)))
    #expect(
      try DecodedFrame(FrameBytes.error) == .error(.bundleMismatch, message: Array("what".utf8)))
    #expect(try DecodedFrame(FrameBytes.ping) == .ping(Ping(nonce: 0x0102_0304_0506_0708)))
    #expect(try DecodedFrame(FrameBytes.pong) == .pong(Pong(nonce: 0x0102_0304_0506_0708)))
  }

  @Test(arguments: FrameBytes.all)
  func everyFrameEncodesToTheSpecificationsBytes(bytes: [UInt8]) throws {
    #expect(try DecodedFrame(bytes).encoded() == bytes)
  }

  @Test func theEmptyAndTheLongestGoThereAndBack() throws {
    let digest = try #require(BundleDigest(FrameBytes.digest))
    for frame: DecodedFrame in [
      .hello(version: 2, digest: digest, token: []),
      .hello(version: 2, digest: digest, token: Array(repeating: 7, count: 256)),
      .welcome(Welcome(maximumBodyLength: .max)),
      .infer(Infer(id: 0, path: 0)), .infer(Infer(id: 0, path: 0, timeLeft: 0)),
      .infer(Infer(id: .max, path: .max, timeLeft: .max - 1)),
      .chunk(id: 0, payload: [0]),
      .chunk(id: .max, payload: Array(repeating: 9, count: 100_000)),
      .end(id: 0, symbolCount: 0, payload: []), .end(id: 0, symbolCount: nil, payload: []),
      .end(id: .max, symbolCount: .max - 1, payload: Array(repeating: 9, count: 100_000)),
      .cancel(Cancel(id: .max)),
      .prediction(
        id: 0, symbolsUsed: 0, scale: .leastNonzeroMagnitude, times: [0, 0, 0], logits: []),
      .prediction(
        id: .max, symbolsUsed: .max, scale: .greatestFiniteMagnitude, times: [.max, .max, .max],
        logits: Array(repeating: 0xFF, count: 65_535)),
      .refusal(id: 0, .expired, retryAfter: 0, message: []),
      .refusal(
        id: .max, .internalFailure, retryAfter: .max, message: Array(repeating: 0x20, count: 256)),
      .error(.busy, message: []),
      .error(.malformed, message: Array(repeating: 0x20, count: 256)), .ping(Ping(nonce: .max)),
      .pong(Pong(nonce: 0)),
    ] {
      #expect(try DecodedFrame(frame.encoded()) == frame)
    }
  }

  @Test func whatDoesNotFitItsFieldIsNotEncoded() throws {
    let digest = try #require(BundleDigest(FrameBytes.digest))
    for frame: DecodedFrame in [
      .hello(version: 2, digest: digest, token: Array(repeating: 7, count: 257)),
      .prediction(
        id: 0, symbolsUsed: 1, scale: 1, times: [0, 0, 0],
        logits: Array(repeating: 0, count: 65_536)),
      .error(.malformed, message: Array(repeating: 0x20, count: 257)),
      .refusal(id: 0, .busy, retryAfter: 0, message: Array(repeating: 0x20, count: 257)),
    ] {
      let error = #expect(throws: WireError.self) { try frame.encoded() }
      guard case .fieldTooLong = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    #expect(throws: WireError.bodyTooShort(length: 4, minimum: 5)) {
      try DecodedFrame.chunk(id: 0, payload: []).encoded()
    }
    for scale: Float in [0, -1, .nan, .infinity] {
      #expect(throws: WireError.badScale) {
        try DecodedFrame.prediction(
          id: 0, symbolsUsed: 1, scale: scale, times: [0, 0, 0], logits: []
        ).encoded()
      }
    }
  }

  @Test func everyBufferTooSmallIsRefusedUntouched() throws {
    for capacity in 0..<16 {
      var buffer = [UInt8](repeating: 0xA5, count: capacity)
      #expect(throws: WireError.bufferTooSmall(needed: 16, capacity: capacity)) {
        try buffer.withUnsafeMutableBytes { try Ping(nonce: 0).encode(into: $0) }
      }
      #expect(buffer.allSatisfy { $0 == 0xA5 })
    }
  }

  /// The value that stands for none on the wire cannot be said otherwise.
  @Test func theLargestNumbersStandForNone() throws {
    #expect(Infer(id: 1, path: 0, timeLeft: .max).timeLeft == nil)
    let bytes = try Infer(id: 1, path: 0).encoded()
    #expect(Array(bytes.suffix(4)) == [0xFF, 0xFF, 0xFF, 0xFF])
    let cut = try DecodedFrame.end(id: 1, symbolCount: nil, payload: [7]).encoded()
    #expect(Array(cut.suffix(5)) == [0xFF, 0xFF, 0xFF, 0xFF, 7])
    #expect(
      try DecodedFrame.end(id: 1, symbolCount: .max, payload: [7]).encoded() == cut)
  }

  /// The device codes into its transmit buffer and puts the frame around that.
  @Test(arguments: [0, 8, 12, 16, 20])
  func aPayloadMayLieInTheFramesOwnBuffer(offset: Int) throws {
    let payload: [UInt8] = (1...40).map { $0 }
    func encode<Frame: WireFrame>(_ frame: (UnsafeRawBufferPointer) -> Frame) throws -> [UInt8] {
      var buffer = [UInt8](repeating: 0, count: 100)
      let count = try buffer.withUnsafeMutableBytes { buffer in
        let view = UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + 40])
        view.copyBytes(from: payload)
        return try frame(UnsafeRawBufferPointer(view)).encode(into: buffer)
      }
      return Array(buffer.prefix(count))
    }
    let chunk = try encode { Chunk(id: 5, payload: $0) }
    #expect(chunk.count == Chunk.payloadOffset + 40)
    #expect(try DecodedFrame(chunk) == .chunk(id: 5, payload: payload))
    let end = try encode { End(id: 5, symbolCount: 9, payload: $0) }
    #expect(end.count == End.payloadOffset + 40)
    #expect(try DecodedFrame(end) == .end(id: 5, symbolCount: 9, payload: payload))
  }

  @Test func sizesAreThoseOfTheSpecification() throws {
    #expect(FrameHeader.size == 8)
    #expect(Chunk.payloadOffset == 12)
    #expect(End.payloadOffset == 16)
    #expect(End.maximumBodyLength(payloadBytes: 100) == 108)
    #expect(Prediction.bodyLength(classes: 10) == 38)
    #expect(BundleDigest.size == 32)
    // A refusal with a message is the longest answer unless there are many classes.
    #expect(WireProtocol.maximumAnswerSize(classes: 10) == 8 + 12 + 256)
    #expect(WireProtocol.maximumAnswerSize(classes: 1000) == 8 + 28 + 1000)
  }

  @Test func codesAreThoseOfTheSpecification() {
    #expect((0...300).compactMap(WireErrorCode.init(rawValue:)).map(\.rawValue) == Array(1...9))
    #expect(
      (0...300).compactMap(RefusalCode.init(rawValue:)) == [.internalFailure, .busy, .expired])
  }
}
