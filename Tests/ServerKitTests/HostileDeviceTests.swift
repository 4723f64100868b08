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
      try await client.ask(Frames.request(id: 77, symbols: symbols))
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
      let infer = try Frames.infer(id: 5)
      let frames = [
        infer, try Frames.chunk(id: 5, [0]), try Frames.end(id: 5, [0]), try Frames.cancel(id: 5),
        try Ping(nonce: 1).encoded(),
      ]
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
      for frame in frames {
        for count in 1..<frame.count {
          let client = try await server.greeted(bundle)
          let isFirst = frame == infer || frame[0] == FrameType.ping.rawValue
          try await client.send((isFirst ? [] : infer) + frame.prefix(count))
          try await client.finishSending()
          #expect(try await client.reply() == .error(.malformed), "\(count) of \(frame)")
          #expect(try await client.reply() == .closed)
        }
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
        let infer = try Frames.infer(id: 1)
        try await expectError(.tooLarge, client, infer + [8, 0, 0, 0] + bytes, "\(length)")
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
      for type in [0, 12, 0x47, 0xFF] as [UInt8] {
        try await expectError(.malformed, server.client(), changed(0, type), "type \(type)")
      }
      for index in 1...3 {
        try await expectError(.malformed, server.client(), changed(index, 1), "reserved")
      }
      try await expectError(.malformed, server.client(), changed(8, 0), "magic")
      // 1 is what a device says that was made before version 2.
      for version in [0, 1, 3, 0xFF] as [UInt8] {
        let client = try server.client()
        try await expectError(.unsupportedVersion, client, changed(12, version), "\(version)")
      }
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
      let infer = try Frames.infer(id: 1)
      let request = try Frames.request(id: 1, symbols: Frames.symbols(1))
      let ping = try Ping(nonce: 1).encoded()
      let pieces = [try Frames.chunk(id: 1, [0]), try Frames.end(id: 1), try Frames.cancel(id: 1)]
      let servers: [[UInt8]] = [
        try Welcome(maximumBodyLength: 1).encoded(), try Pong(nonce: 1).encoded(),
        try ErrorFrame.encoded(code: .busy, text: "x"),
        try Refusal.encoded(id: 1, code: .busy, text: "x"),
        try [UInt8](repeating: 1, count: 3).withUnsafeBytes {
          try Prediction(
            id: 1, symbolsUsed: 8, scale: 1, queueMicroseconds: 0, decodeMicroseconds: 0,
            runMicroseconds: 0, logits: $0
          ).encoded()
        },
      ]
      for frame in [infer, ping] + pieces + servers {
        try await expectError(.outOfOrder, server.client(), frame, "before hello: \(frame[0])")
      }
      for frame in [hello] + pieces + servers {
        try await expectError(
          .outOfOrder, server.greeted(bundle), frame, "after hello: \(frame[0])")
      }
      for frame in [hello, infer, try Frames.infer(id: 2), ping] + servers {
        let client = try await server.greeted(bundle)
        try await client.send(infer)
        try await expectError(.outOfOrder, client, frame, "while open: \(frame[0])")
      }
      network.gate.shut()
      for frame in [hello, infer, try Frames.infer(id: 2), ping] + pieces.dropLast() + servers {
        let client = try await server.greeted(bundle)
        try await client.send(request)
        try await expectError(.outOfOrder, client, frame, "while answering: \(frame[0])")
      }
      network.gate.open()
      try await expectGoodService(server, bundle)
    }
  }

  @Test func payloadsThatAreNotTheBundlesAreUndecodable() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let good = try Frames.payload(Frames.symbols(0x5A5A))
      let bad: [[UInt8]] = [
        [], Array(good.dropLast()), try Frames.payload([1, 2, 3, 0, 3, 2, 1, 0, 3]),
        // A code that is not in the dictionary; one byte too many; a bit of padding.
        [0xFF, 0xFF, 0xFF], [0x84, 0x16, 0], [0x84, 0x56],
      ]
      for payload in bad {
        let client = try await server.greeted(bundle)
        let request = try Frames.request(id: 1, payload: payload)
        try await expectError(.undecodable, client, request, "\(payload)")
      }
      for path in [1, 2, 255] as [UInt8] {
        let client = try await server.greeted(bundle)
        try await expectError(.undecodable, client, Frames.infer(id: 1, path: path))
      }
      // The reserved bytes beside the path.
      var frame = try Frames.infer(id: 1)
      frame[8 + 5] = 1
      try await expectError(.malformed, server.greeted(bundle), frame)
      try await expectGoodService(server, bundle)
    }
  }

  @Test func aSymbolCountThatThePayloadDoesNotHaveIsUndecodable() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      // The path has eight symbols, and so has the payload.
      for count in [0, 7, 9, 65_536, 0x7FFF_FFFF, .max - 1] as [UInt32] {
        let client = try await server.greeted(bundle)
        let request = try Frames.infer(id: 1) + Frames.end(id: 1, symbolCount: count, [0x84, 0x16])
        try await expectError(.undecodable, client, request, "\(count)")
      }
      try await expectGoodService(server, bundle)
    }
  }

  /// The longest payload of the path has four bytes.
  @Test func aPayloadThatGrowsTooLongIsRefusedBeforeItsEnd() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      for pieces: [[UInt8]] in [
        [[0, 0, 0, 0], [0]], [[0], [0], [0], [0], [0]], [[], [0, 0, 0, 0]],
      ] {
        let client = try await server.greeted(bundle)
        var request = try Frames.infer(id: 1)
        for piece in pieces where !piece.isEmpty { request += try Frames.chunk(id: 1, piece) }
        if pieces[0].isEmpty { request += try Frames.end(id: 1, [0]) }
        try await expectError(.tooLarge, client, request, "\(pieces)")
      }
      // One frame alone.
      let client = try await server.greeted(bundle)
      let request = try Frames.infer(id: 1) + Frames.chunk(id: 1, [0, 0, 0, 0, 0])
      try await expectError(.tooLarge, client, request)
      try await expectGoodService(server, bundle)
    }
  }

  @Test func piecesOfOtherRequestsAreOutOfOrder() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let others: [(UInt32) throws -> [UInt8]] = [
        { try Frames.chunk(id: $0, [0x84]) }, { try Frames.end(id: $0, [0x84, 0x16]) },
        { try Frames.cancel(id: $0) },
      ]
      let request = try Frames.request(id: 6, symbols: Frames.symbols(6))
      let answer = try Reply.expected(id: 6, symbols: Frames.symbols(6), of: bundle)
      for frame in others {
        // While a request is open: the id of the one before, and one that never was.
        for id in [6, 8] as [UInt32] {
          let client = try await server.greeted(bundle)
          #expect(try await client.ask(request) == answer)
          try await expectError(.outOfOrder, client, Frames.infer(id: 7) + frame(id), "\(id)")
        }
        // While none is.
        let client = try await server.greeted(bundle)
        #expect(try await client.ask(request) == answer)
        try await expectError(.outOfOrder, client, frame(7))
      }
      try await expectGoodService(server, bundle)
    }
  }

  @Test func everyFlippedBitOfARequestIsAnsweredTrulyOrRefused() async throws {
    let bundle = try TestBundle()
    try await TestServer.with([bundle]) { server in
      let payload = try Frames.payload(Frames.symbols(0x6C93))
      let frames = try [
        Frames.infer(id: 1), Frames.chunk(id: 1, payload.prefix(1)),
        Frames.end(id: 1, payload.dropFirst()),
      ]
      let request = frames.flatMap { $0 }
      for bit in 0..<(8 * request.count) {
        var bytes = request
        bytes[bit / 8] ^= 1 << (bit % 8)
        let client = try await server.greeted(bundle)
        try await client.send(bytes)
        let reply = try await client.reply()
        // An answer may only be to what the bytes say: symbols that they decode to.
        switch reply {
        case .prediction(let id, let used, _, _):
          #expect(id == 1 && used <= 8)
          let payload = [bytes[frames[0].count + 12]] + bytes.suffix(payload.count - 1)
          let symbols = try LZW.decode(
            payload, symbolCount: Int(used), alphabetSize: TestBundle.alphabetSize)
          #expect(reply == (try Reply.expected(id: id, symbols: symbols, of: bundle)))
        case .error: break
        default: Issue.record("\(reply) to bit \(bit)")
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
