import OffloadWire
import Testing

@Suite struct FrameTests {
  @Test func everyFrameHasTheSpecificationsFields() throws {
    let digest = try #require(BundleDigest(FrameBytes.digest))
    #expect(
      try DecodedFrame(FrameBytes.hello)
        == .hello(version: 1, digest: digest, token: Array("open".utf8)))
    #expect(
      try DecodedFrame(FrameBytes.welcome) == .welcome(Welcome(maximumBodyLength: 0x1234_5678)))
    #expect(
      try DecodedFrame(FrameBytes.infer)
        == .infer(id: 0x0102_0304, path: 2, payload: [0x84, 0x16]))
    #expect(
      try DecodedFrame(FrameBytes.prediction)
        == .prediction(
          id: 0x0102_0304, complete: true, scale: 0.125, times: [90, 35, 840],
          logits: [0x81, 0, 0x7F]))
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
      .hello(version: 1, digest: digest, token: []),
      .hello(version: 1, digest: digest, token: Array(repeating: 7, count: 256)),
      .welcome(Welcome(maximumBodyLength: .max)), .infer(id: 0, path: 0, payload: []),
      .infer(id: .max, path: .max, payload: Array(repeating: 9, count: 100_000)),
      .prediction(
        id: 0, complete: false, scale: .leastNonzeroMagnitude, times: [0, 0, 0], logits: []),
      .prediction(
        id: .max, complete: true, scale: .greatestFiniteMagnitude, times: [.max, .max, .max],
        logits: Array(repeating: 0xFF, count: 65_535)),
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
      .hello(version: 1, digest: digest, token: Array(repeating: 7, count: 257)),
      .prediction(
        id: 0, complete: true, scale: 1, times: [0, 0, 0],
        logits: Array(repeating: 0, count: 65_536)),
      .error(.malformed, message: Array(repeating: 0x20, count: 257)),
    ] {
      let error = #expect(throws: WireError.self) { try frame.encoded() }
      guard case .fieldTooLong = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    for scale: Float in [0, -1, .nan, .infinity] {
      #expect(throws: WireError.badScale) {
        try DecodedFrame.prediction(
          id: 0, complete: true, scale: scale, times: [0, 0, 0], logits: []
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

  /// The device codes into its transmit buffer and puts the frame around that.
  @Test(arguments: [0, 8, 16, 20])
  func aPayloadMayLieInTheFramesOwnBuffer(offset: Int) throws {
    let payload: [UInt8] = (1...40).map { $0 }
    var buffer = [UInt8](repeating: 0, count: 100)
    let count = try buffer.withUnsafeMutableBytes { buffer in
      let view = UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + 40])
      view.copyBytes(from: payload)
      return try Infer(id: 5, path: 1, payload: UnsafeRawBufferPointer(view)).encode(into: buffer)
    }
    #expect(count == Infer.payloadOffset + 40)
    #expect(
      try DecodedFrame(Array(buffer.prefix(count))) == .infer(id: 5, path: 1, payload: payload))
  }

  @Test func sizesAreThoseOfTheSpecification() {
    #expect(FrameHeader.size == 8)
    #expect(Infer.payloadOffset == 16)
    #expect(Infer.maximumBodyLength(payloadBytes: 100) == 108)
    #expect(Prediction.bodyLength(classes: 10) == 34)
    #expect(BundleDigest.size == 32)
  }

  @Test func onlyBusyAndInternalFailureKeepTheConnection() {
    let codes = (0...20).compactMap(WireErrorCode.init(rawValue:))
    #expect(codes.map(\.rawValue) == Array(1...9))
    #expect(codes.filter { !$0.closesConnection } == [.internalFailure, .busy])
  }
}
