import Board
import BundleFormat
import DeviceSchemes
import ExitStatus
import Foundation
import ServerKit
import TestBundles
import Testing

@testable import DeviceKit

/// Servers that are not there, are not ours, or go away.
@Suite struct ServerTroubleTests {
  static func run(
    against port: Int, bundle: ModelBundle? = nil, token: [UInt8] = []
  ) async throws -> DeviceRun.Outcome {
    try await DeviceRun(bundle: bundle ?? Rig.bundle(), settings: Rig.settings()).run(
      Rig.images(3), server: .init(.init(host: "127.0.0.1", port: port), token: token),
      warn: { Issue.record("\($0)") }, each: { _ in })
  }

  /// A port on which nothing listens: one that was just given up.
  static func freePort() async throws -> Int {
    let server = try Rig.server()
    let port = try await server.start().port
    await server.shutdown()
    return port
  }

  @Test func unreachable() async throws {
    let port = try await Self.freePort()
    let error = await #expect(throws: SessionError.self) { try await Self.run(against: port) }
    #expect(error?.exitStatus == 69)
    #expect(
      error?.description.hasPrefix("the server at 127.0.0.1:\(port) cannot be reached: ") == true)
  }

  @Test func anotherBundle() async throws {
    let server = try Rig.server()
    let port = try await server.start().port
    try await FixtureBundle.tiny.edited {
      $0["dataset"] = "others"
    } then: { bundle in
      let error = await #expect(throws: SessionError.self) {
        try await Self.run(against: port, bundle: bundle)
      }
      #expect(error?.exitStatus == 76)
    }
    await server.shutdown()
  }

  @Test func tokens() async throws {
    let server = try Rig.server(token: Array("open sesame".utf8))
    let port = try await server.start().port
    let error = await #expect(throws: SessionError.self) { try await Self.run(against: port) }
    #expect(error?.exitStatus == 69)
    #expect(error?.description.contains("refuses this device (unauthorised)") == true)
    let outcome = try await Self.run(against: port, token: Array("open sesame".utf8))
    #expect(outcome.summary.count(of: .combined) == 3)
    await server.shutdown()
  }

  /// The server goes after the sixth image: one warning, and all images are answered.
  @Test func lostInMidRun() async throws {
    let server = try Rig.server()
    let address = try await server.start()
    var warnings: [String] = []
    var receipts: [Receipt] = []
    let outcome = try await Rig.run().run(
      Rig.images(40), server: .init(.init(host: address.host, port: address.port)),
      warn: { warnings.append($0) },
      each: { receipt in
        receipts.append(receipt)
        if receipts.count == 6 { await server.shutdown() }
      })
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("server lost") == true)
    #expect(warnings.first?.contains("images from 6 on") == true)
    #expect(outcome.serverFailed)
    #expect(receipts.map(\.index) == Array(0..<40))
    #expect(receipts.prefix(6).allSatisfy { $0.source == .combined })
    #expect(receipts.dropFirst(6).allSatisfy { $0.source == .local })
    #expect(receipts.dropFirst(6).allSatisfy { $0.prediction.local != nil })
    // The image at hand was coded in vain; the others were not.
    #expect(receipts[6].microseconds(in: .code) > 0 && receipts[6].symbols.sent == 80)
    #expect(
      receipts.dropFirst(7).allSatisfy {
        $0.microseconds(in: .code) == 0 && $0.symbols.all == 0 && $0.bytes == .init()
      })
  }

  /// A server that comes back is used again, with no second warning.
  @Test func comesBack() async throws {
    let first = try Rig.server()
    let address = try await first.start()
    var second: OffloadServer?
    var warnings = 0
    var receipts: [Receipt] = []
    let outcome = try await Rig.run().run(
      Rig.images(1000), server: .init(.init(host: address.host, port: address.port)),
      warn: { _ in warnings += 1 },
      each: { receipt in
        receipts.append(receipt)
        if receipts.count == 6 {
          await first.shutdown()
          let next = try Rig.server(port: address.port)
          _ = try await next.start()
          second = next
        }
      })
    #expect(warnings == 1)
    #expect(outcome.serverFailed)
    let firstLocal = try #require(receipts.firstIndex { $0.source == .local })
    let back = try #require(receipts[firstLocal...].firstIndex { $0.source == .combined })
    #expect(firstLocal == 6)
    #expect(receipts[back...].allSatisfy { $0.source == .combined })
    // The pause before the first attempt is a tenth of a second of emulated time.
    let pause = receipts[firstLocal..<back].reduce(0) { $0 + $1.totalMicroseconds }
    #expect(pause > 99_000)
    await second?.shutdown()
  }

  /// A bundle without a local exit needs a server to begin with; one that goes leaves images without
  /// an answer, and a receipt for each.
  @Test func noLocalAnswer() async throws {
    try await FixtureBundle.tiny.edited { manifest in
      manifest.changeEach("paths") { path in
        let exits = path["exits"] as? [[String: Any]] ?? []
        path["exits"] = exits.filter { $0["where"] as? String == "server" }
      }
    } then: { bundle in
      let run = try DeviceRun(bundle: bundle, settings: Rig.settings())
      let offline = await #expect(throws: DeviceError.self) {
        _ = try await run.run(Rig.images(1), server: nil, warn: { _ in }, each: { _ in })
      }
      #expect(offline == .noLocalAnswer && offline?.exitStatus == 65)

      let server = try Rig.server(bundle: bundle)
      let address = try await server.start()
      var receipts: [Receipt] = []
      let outcome = try await run.run(
        Rig.images(10), server: .init(.init(host: address.host, port: address.port)),
        warn: { _ in },
        each: { receipt in
          receipts.append(receipt)
          await server.shutdown()
        })
      #expect(receipts.map(\.source) == [.remote] + Array(repeating: .none, count: 9))
      #expect(outcome.serverFailed && outcome.summary.missed == 9)
    }
  }
}
