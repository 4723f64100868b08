import Board
import BundleFormat
import Datasets
import DeviceCore
import DeviceSchemes
import FeatureCoding
import MCUKernels
import OffloadWire
import PlanCompiler
import TestBundles
import Testing

@testable import DeviceKit

/// The device on its board, against a server that the test makes up.
@Suite struct EmulatedDeviceTests {
  static let logits: [Int8] = [1, 2, 3, 4, 5, 6, 7, 80, 9, 10]

  static func server() -> ScriptedServer {
    ScriptedServer { request in
      ScriptedServer.prediction(id: request.id, logits: logits)
    }
  }

  /// The features that the plan makes of a picture, int8 [height,width,channels], run by hand.
  static func features(_ index: Int) throws -> [Int8] {
    let image = try PlanImage(
      PlacedDevice.compile(Rig.bundle(), camera: (32, 32)).image)
    let plan = image.plan
    let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: plan.arenaSize, alignment: 16)
    defer { arena.deallocate() }
    let input = plan.input(0)
    UnsafeMutableRawBufferPointer(rebasing: arena[input.offset..<input.offset + input.byteCount])
      .copyBytes(from: Rig.picture(index).pixels)
    try plan.run(arena: arena)
    let tensor = try #require(plan.path(0).send).tensor
    return arena[tensor.offset..<tensor.offset + tensor.byteCount].map { Int8(bitPattern: $0) }
  }

  /// The payload is the features in scan order, quantised by the manifest's table and compressed.
  @Test func sendsTheFeatures() async throws {
    let device = try Rig.device(serverTime: .pinned(microseconds: 1))
    let table = try #require(Rig.bundle().manifest.paths[0].send?.symbols.first)
    let server = Self.server()
    try await device.use(server)
    for index in 0..<20 {
      let receipt = try await device.infer(Rig.picture(index)).receipt
      let request = try #require(server.requests.last)
      let features = try Self.features(index)
      let symbols = (0..<5).flatMap { channel in
        stride(from: channel, to: features.count, by: 5).map {
          table.symbolOf[Int(features[$0]) + 128]
        }
      }
      #expect(try LZW.decode(request.payload, symbolCount: 80, alphabetSize: 8) == symbols)
      #expect(request.path == 0 && request.symbols == 80)
      #expect(receipt.bytes.payload == request.payload.count)
      // An infer frame of 20 bytes and an end of 16 around the payload.
      #expect(receipt.bytes.up == request.payload.count + 36)
      #expect(receipt.bytes.down == 8 + 28 + 10)
    }
    #expect(Set(server.requests.map(\.id)).count == 20)
    #expect(Set(server.requests.map(\.payload)).count > 15)
  }

  /// The server's time and the radio's are where they belong, and the local network runs meanwhile.
  @Test func spansAreWhereTimeGoes() async throws {
    let clock = SleepingClock()
    let device = try Rig.device(clock: clock)
    try await device.use(
      ScriptedServer(clock: clock) { request in
        ScriptedServer.prediction(id: request.id, logits: Self.logits)
      })
    let receipt = try await device.infer(Rig.picture(0)).receipt
    #expect(receipt.microseconds(in: .queue) == 90)
    #expect(receipt.microseconds(in: .decode) == 35)
    #expect(receipt.microseconds(in: .run) == 840)
    let spans = receipt.spans
    for lane in Span.Lane.allCases {
      let own = spans.filter { $0.lane == lane }
      for (before, after) in zip(own, own.dropFirst()) {
        #expect(before.end <= after.start, "\(before) and \(after)")
      }
    }
    let local = try #require(spans.first { $0.stage == .local })
    let uplink = try #require(spans.first { $0.stage == .uplink })
    #expect(local.start == uplink.start, "side by side")
    #expect(spans.last?.stage == .combine && spans.last?.end == receipt.totalMicroseconds)
    let critical = spans.criticalPath(total: receipt.totalMicroseconds)
    #expect(abs(critical.values.reduce(0, +) - receipt.totalMicroseconds) <= 2)
  }

  /// Without overlap the end-to-end time is the sum of all spans; with it, less.
  @Test func overlapIsWorthIts() async throws {
    var totals: [Int] = []
    for overlaps in [true, false] {
      var settings = DeviceSettings()
      settings.overlaps = overlaps
      let device = try Rig.device(settings, serverTime: .pinned(microseconds: 900))
      try await device.use(Self.server())
      let receipt = try await device.infer(Rig.picture(0)).receipt
      let sum = receipt.spans.reduce(0) { $0 + $1.microseconds }
      if overlaps {
        #expect(sum > receipt.totalMicroseconds)
      } else {
        #expect(abs(sum - receipt.totalMicroseconds) <= receipt.spans.count)
      }
      totals.append(receipt.totalMicroseconds)
    }
    #expect(totals[0] < totals[1])
  }

  @Test func withoutSymbolsTheValuesAreSent() async throws {
    let features = try Self.features(0)
    try await FixtureBundle.tiny.edited { manifest in
      manifest.changeEach("paths") { $0["sends"] = [["tensor": "features", "to": "features"]] }
    } then: { bundle in
      let device = try Rig.device(bundle: bundle, serverTime: .pinned(microseconds: 1))
      let server = Self.server()
      try await device.use(server)
      let receipt = try await device.infer(Rig.picture(0)).receipt
      let inOrder = (0..<5).flatMap { channel in
        stride(from: channel, to: features.count, by: 5).map { UInt8(bitPattern: features[$0]) }
      }
      #expect(server.requests.first?.payload == inOrder)
      #expect(receipt.bytes.payload == 80)
    }
  }

  @Test func withoutAlphaTheRemoteAnswerStands() async throws {
    try await FixtureBundle.tiny.edited { manifest in
      manifest.changeEach("paths") { $0.changeEach("exits") { $0["alpha"] = nil } }
    } then: { bundle in
      let device = try Rig.device(bundle: bundle, serverTime: .pinned(microseconds: 1))
      try await device.use(Self.server())
      let receipt = try await device.infer(Rig.picture(0)).receipt
      #expect(receipt.source == .remote)
      #expect(receipt.answer == 7)
      #expect(receipt.prediction.combined == nil)
    }
  }

  /// A deadline that no server can meet: the local answer, in time, and the request is withdrawn.
  @Test func aDeadlineIsKept() async throws {
    var settings = DeviceSettings()
    settings.deadline = 3000
    let device = try Rig.device(settings, serverTime: .pinned(microseconds: 60_000))
    let server = Self.server()
    try await device.use(server)
    for index in 0..<5 {
      let receipt = try await device.infer(Rig.picture(index)).receipt
      #expect(receipt.source == .local)
      #expect(receipt.totalMicroseconds <= 3000)
      #expect(receipt.deadlineMicroseconds == 3000)
    }
  }

  @Test func wrongPictureSize() async throws {
    let device = try Rig.device()
    let error = await #expect(throws: DeviceError.self) {
      _ = try await device.infer(Rig.picture(0, width: 31))
    }
    #expect(
      error?.description == "noise/0: the image has 31x32 pixels, the camera delivers 32x32")
  }
}
