import FeatureCoding
import Foundation
import OffloadWire
import SeededRandom
import ServerKit
import Testing

/// Whatever comes, the server answers with one error and closes; it neither crashes nor hangs nor
/// gives an answer to what it did not understand. A good device is served afterwards.
struct HostileDeviceTests {
  private func expectGoodService(_ server: TestServer, _ bundle: TestBundle) async throws {
    let client = try await server.greeted(bundle)
    let symbols = Frames.symbols(0x2468)
    #expect(
      try await client.ask(Frames.infer(id: 77, symbols: symbols))
        == Reply.expected(id: 77, symbols: symbols, of: bundle))
  }

  /// Sends bytes, and expects one error and the end.
  private func expectError(
    _ code: WireErrorCode, _ client: RawClient, _ bytes: [UInt8], _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    try await client.send(bytes)
    #expect(try await client.reply() == .error(code), comment, sourceLocation: sourceLocation)
    #expect(try await client.reply() == .closed, comment, sourceLocation: sourceLocation)
  }

  @Test func truncationAtEveryByte() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let hello = try Frames.hello(bundle, token: [1, 2, 3])
      let infer = try Frames.infer(id: 5, symbols: Frames.symbols(0x1111))
      for count in 0...hello.count {
        let client = try server.client()
        try await client.send(Array(hello.prefix(count)))
        try await client.finishSending()
        let reply = try await client.reply()
        switch count {
        case 0: #expect(reply == .closed)
        case hello.count: #expect(reply == .welcome(maximumBodyLength: 12))
        default: #expect(reply == .error(.malformed), "\(count) bytes of hello")
        }
        if count > 0 { #expect(try await client.reply() == .closed) }
      }
      for count in 1..<infer.count {
        let client = try await server.greeted(bundle)
        try await client.send(Array(infer.prefix(count)))
        try await client.finishSending()
        #expect(try await client.reply() == .error(.malformed), "\(count) bytes of infer")
        #expect(try await client.reply() == .closed)
      }
      try await expectGoodService(server, bundle)
    }
  }

  @Test func aBodyShorterThanItsHeaderSaysIsRefused() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      // Every wrong body length of a hello, filled up: too short, too long, or not what its token's
      // length says.
      let good = try Frames.hello(bundle)
      for length in 0...60 where length != 40 {
        var frame = Array((good + [UInt8](repeating: 0, count: 40)).prefix(8 + length))
        frame[4] = UInt8(length)
        try await expectError(.malformed, server.client(), frame, "\(length)")
      }
      try await expectGoodService(server, bundle)
    }
  }

  @Test func oversizedFramesAreRefusedAtTheirHeader() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      for length: UInt32 in [13, 4096, 1 << 20, 0x7FFF_FFFF, 0x8000_0000, .max] {
        let client = try await server.greeted(bundle)
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        // Nothing of the body is sent: the refusal does not wait for it.
        try await expectError(.tooLarge, client, [3, 0, 0, 0] + bytes, "\(length)")
      }
      try await expectError(.tooLarge, server.client(), [1, 0, 0, 0, 0x29, 1, 0, 0])
      try await expectGoodService(server, bundle)
    }
  }

  @Test func whatIsNoFrameIsRefused() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let hello = try Frames.hello(bundle)
      func changed(_ index: Int, _ value: UInt8) -> [UInt8] {
        var bytes = hello
        bytes[index] = value
        return bytes
      }
      for type in [0, 8, 9, 10, 11, 0x47, 0xFF] as [UInt8] {
        try await expectError(.malformed, server.client(), changed(0, type), "type \(type)")
      }
      for index in 1...3 {
        try await expectError(.malformed, server.client(), changed(index, 1), "reserved")
      }
      try await expectError(.malformed, server.client(), changed(8, 0), "magic")
      try await expectError(.unsupportedVersion, server.client(), changed(12, 2), "version")
      try await expectError(.bundleMismatch, server.client(), changed(20, hello[20] ^ 1))
      try await expectError(
        .malformed, server.client(), Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
      try await expectGoodService(server, bundle)
    }
  }

  @Test func whatIsOutOfOrderIsRefused() async throws {
    let bundle = try TestBundle()
    let network = FakeNetwork()
    try await TestServer.with([bundle], engine: FakeEngine(["tiny": network])) { server in
      let hello = try Frames.hello(bundle)
      let infer = try Frames.infer(id: 1, symbols: Frames.symbols(1))
      let ping = try Ping(nonce: 1).encoded()
      let servers: [[UInt8]] = [
        try Welcome(maximumBodyLength: 1).encoded(), try Pong(nonce: 1).encoded(),
        try ErrorFrame.encoded(code: .busy, text: "x"),
        try [UInt8](repeating: 1, count: 3).withUnsafeBytes {
          try Prediction(
            id: 1, complete: true, scale: 1, queueMicroseconds: 0, decodeMicroseconds: 0,
            runMicroseconds: 0, logits: $0
          ).encoded()
        },
      ]
      for frame in [infer, ping] + servers {
        try await expectError(.outOfOrder, server.client(), frame, "before hello: \(frame[0])")
      }
      for frame in [hello] + servers {
        try await expectError(
          .outOfOrder, server.greeted(bundle), frame, "after hello: \(frame[0])")
      }
      network.gate.shut()
      for frame in [hello, infer, ping] + servers {
        let client = try await server.greeted(bundle)
        try await client.send(infer)
        try await expectError(.outOfOrder, client, frame, "in flight: \(frame[0])")
      }
      network.gate.open()
      try await expectGoodService(server, bundle)
    }
  }

  @Test func payloadsThatAreNotTheBundlesAreUndecodable() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let good = try LZW.encode(Frames.symbols(0x5A5A), alphabetSize: TestBundle.alphabetSize)
      let nine = try LZW.encode(
        [1, 2, 3, 0, 3, 2, 1, 0, 3], alphabetSize: TestBundle.alphabetSize)
      let bad: [[UInt8]] = [[], Array(good.dropLast()), nine, [0xFF, 0xFF, 0xFF]]
      for payload in bad {
        let client = try await server.greeted(bundle)
        try await expectError(.undecodable, client, Frames.infer(id: 1, payload: payload))
      }
      for path in [1, 2, 255] as [UInt8] {
        let client = try await server.greeted(bundle)
        try await expectError(.undecodable, client, Frames.infer(id: 1, path: path, payload: good))
      }
      // The reserved bytes beside the path.
      var frame = try Frames.infer(id: 1, payload: good)
      frame[8 + 5] = 1
      try await expectError(.malformed, server.greeted(bundle), frame)
      try await expectGoodService(server, bundle)
    }
  }

  @Test func everyFlippedBitOfARequestIsAnsweredTrulyOrRefused() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let frame = try Frames.infer(id: 1, symbols: Frames.symbols(0x6C93))
      for bit in 0..<(8 * frame.count) {
        var bytes = frame
        bytes[bit / 8] ^= 1 << (bit % 8)
        let client = try await server.greeted(bundle)
        try await client.send(bytes)
        // A body that claims to be longer is waited for until the device has no more to send.
        if bytes[4] > frame[4] { try await client.finishSending() }
        let reply = try await client.reply()
        // An answer may only be to what the bytes say: another id, or symbols that they decode to.
        if case .prediction(let id, _, _) = reply {
          let payload = Array(bytes[16...])
          let symbols = try LZW.decode(
            payload, symbolCount: TestBundle.symbolCount, alphabetSize: TestBundle.alphabetSize)
          #expect(reply == (try Reply.expected(id: id, symbols: symbols, of: bundle)))
        } else {
          guard case .error = reply else {
            Issue.record("\(reply) to bit \(bit)")
            continue
          }
        }
      }
      try await expectGoodService(server, bundle)
    }
  }

  @Test func junkIsRefused() async throws {
    let bundle = try TestBundle()
    var random = SplitMix64(seed: 20_221_017)
    try await TestServer.with([bundle]) { server in
      for round in 0..<60 {
        let junk = (0..<Int(random.next() % 300)).map { _ in
          UInt8(truncatingIfNeeded: random.next())
        }
        let isGreeted = round % 2 == 0
        let client = try await isGreeted ? server.greeted(bundle) : server.client()
        try await client.send(junk)
        try await client.finishSending()
        let reply = try await client.reply()
        if junk.isEmpty {
          #expect(reply == .closed)
        } else if case .error = reply {
          #expect(try await client.reply() == .closed)
        } else {
          Issue.record("\(reply) to junk of round \(round)")
        }
      }
      try await expectGoodService(server, bundle)
    }
  }

  @Test func anErrorReachesADeviceThatIsStillSending() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      for greeted in [false, true] {
        let client = try await greeted ? server.greeted(bundle) : server.client()
        // A reset would throw the error frame away: the server must take in what follows.
        let junk = [UInt8](repeating: 0xAA, count: 1 << 20)
        try? await client.send(junk)
        try await Task.sleep(for: .milliseconds(50))
        #expect(try await client.reply() == .error(.malformed))
        #expect(try await client.reply() == .closed)
      }
      try await expectGoodService(server, bundle)
    }
  }

  @Test func aDeviceThatSendsWithoutReadingHoldsUpNobody() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let client = try await server.greeted(bundle)
      let pings = try [[UInt8]](repeating: Ping(nonce: 1).encoded(), count: 1 << 14).flatMap { $0 }
      let flood = Task { try await client.send(pings) }
      for _ in 0..<20 { try await expectGoodService(server, bundle) }
      flood.cancel()
    }
  }
}
