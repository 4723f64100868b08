import Board
import BundleFormat
import FeatureCoding
import Foundation
import MCUKernels
import OffloadWire
import PlanCompiler
import SeededRandom
import Testing

@testable import Schemes

@Suite struct AgileNNDeviceTests {
  /// The device graph's outputs by running the plan by hand.
  static func outputs(
    of bundle: ModelBundle, for index: Int
  ) throws -> (features: [Int8], logits: [Int8], scale: Float, zeroPoint: Int32) {
    let compiled = try #require(
      try PlanCompiler.compile(bundle: bundle, camera: (width: 32, height: 32)))
    let plan = try PlanImage(compiled.image)
    let arena = UnsafeMutableRawBufferPointer.allocate(
      byteCount: compiled.arenaSize, alignment: 16)
    defer { arena.deallocate() }
    let input = plan.plan.input(0)
    UnsafeMutableRawBufferPointer(rebasing: arena[input.offset..<input.offset + input.byteCount])
      .copyBytes(from: TinyBundle.picture(index).pixels)
    try plan.plan.run(arena: arena)
    func read(_ role: PlanTensor.Role) throws -> (PlanTensor, [Int8]) {
      let tensor = plan.plan.output(try #require(plan.plan.outputIndex(role: role)))
      let bytes = arena[tensor.offset..<tensor.offset + tensor.byteCount]
      return (tensor, bytes.map { Int8(bitPattern: $0) })
    }
    let (_, features) = try read(.features)
    let (tensor, logits) = try read(.localLogits)
    return (features, logits, tensor.scale, tensor.zeroPoint)
  }

  static func remoteLogits(_ index: Int) -> [Int8] {
    var generator = SplitMix64(seed: UInt64(index) + 5)
    return (0..<10).map { _ in Int8.random(in: -127...127, using: &generator) }
  }

  /// The payload is the features in scan order, quantised by the manifest's table and compressed.
  @Test func sendsTheFeatures() async throws {
    let bundle = try TinyBundle.load()
    let table = try #require(bundle.manifest.symbols?.tables.first)
    let device = try AgileNNDevice(bundle: bundle, in: TinyBundle.setting())
    let server = ScriptedServer { request in
      try ScriptedServer.prediction(id: request.id, logits: Self.remoteLogits(0))
    }
    for index in 0..<20 {
      let receipt = try await device.infer(TinyBundle.picture(index), over: server).receipt
      let request = try #require(server.requests.last)
      let features = try Self.outputs(of: bundle, for: index).features
      let inOrder = (0..<5).flatMap { channel in
        stride(from: channel, to: features.count, by: 5).map { features[$0] }
      }
      let symbols = inOrder.map { table.symbolOf[Int($0) + 128] }
      #expect(try LZW.decode(request.payload, symbolCount: 80, alphabetSize: 8) == symbols)
      #expect(request.path == 0)
      #expect(receipt.bytes.payload == request.payload.count)
      #expect(receipt.bytes.up == request.payload.count + 16)
      #expect(receipt.bytes.down == 8 + 24 + 10)
    }
    #expect(Set(server.requests.map(\.id)).count == 20)
    #expect(Set(server.requests.map(\.payload)).count > 15)
  }

  @Test func combinesBothAnswers() async throws {
    let bundle = try TinyBundle.load()
    let device = try AgileNNDevice(bundle: bundle, in: TinyBundle.setting())
    var combined = Set<Int?>()
    for index in 0..<40 {
      let remote = Self.remoteLogits(index)
      let server = ScriptedServer { request in
        try ScriptedServer.prediction(id: request.id, logits: remote, scale: 0.02)
      }
      let receipt = try await device.infer(TinyBundle.picture(index), over: server).receipt
      let (_, logits, scale, zeroPoint) = try Self.outputs(of: bundle, for: index)
      let local = CombinationTests.Side(values: logits, scale: scale, zeroPoint: zeroPoint)
      let far = CombinationTests.Side(values: remote, scale: 0.02, zeroPoint: 0)
      #expect(receipt.prediction.combined == CombinationTests.expected(local, far, 0.25))
      #expect(receipt.prediction.local == CombinationTests.expected(local, local, 0.5))
      #expect(receipt.prediction.remote == CombinationTests.expected(far, far, 0.5))
      #expect(receipt.source == .combined)
      #expect(receipt.complete)
      #expect(receipt.index == index)
      #expect(receipt.label == index % 10)
      combined.insert(receipt.prediction.combined)
    }
    #expect(combined.count > 4)
  }

  /// Stages sum to the end-to-end time, and that is how far emulated time has moved.
  @Test func stagesAreWhereTimeGoes() async throws {
    let setting = try TinyBundle.setting()
    let device = try AgileNNDevice(bundle: TinyBundle.load(), in: setting)
    let server = ScriptedServer { request in
      try ScriptedServer.prediction(id: request.id, logits: Self.remoteLogits(1))
    }
    let receipt = try await device.infer(TinyBundle.picture(0), over: server).receipt
    let stages = receipt.stages
    #expect(stages.uplink == 1000)
    #expect(stages.queue == 90 && stages.decode == 35 && stages.run == 840)
    #expect(stages.downlink == 51)
    #expect(stages.local > 0 && stages.compress > 0 && stages.combine > 0)
    // The scripted link moves no time itself.
    let deviceTime = stages.local + stages.compress + stages.combine
    #expect(abs(setting.timeline.now - Double(deviceTime)) <= 1.5)
  }

  @Test func pinnedServerTime() async throws {
    let device = try AgileNNDevice(
      bundle: TinyBundle.load(), in: TinyBundle.setting(serverTime: .pinned(microseconds: 1250)))
    let server = ScriptedServer { request in
      try ScriptedServer.prediction(id: request.id, logits: Self.remoteLogits(1))
    }
    let stages = try await device.infer(TinyBundle.picture(0), over: server).receipt.stages
    #expect(stages.queue == 0 && stages.decode == 0 && stages.run == 1250)
  }

  @Test func aPrefixIsSaid() async throws {
    let device = try AgileNNDevice(bundle: TinyBundle.load(), in: TinyBundle.setting())
    let server = ScriptedServer { request in
      try ScriptedServer.prediction(
        id: request.id, logits: Self.remoteLogits(1), complete: false)
    }
    let receipt = try await device.infer(TinyBundle.picture(0), over: server).receipt
    #expect(receipt.source == .prefix)
    #expect(!receipt.complete)
  }

  @Test func withoutAServer() async throws {
    let bundle = try TinyBundle.load()
    let device = try AgileNNDevice(bundle: bundle, in: TinyBundle.setting())
    let inference = try await device.infer(TinyBundle.picture(3), over: nil)
    #expect(inference.offloadFailure == nil)
    let receipt = inference.receipt
    let (_, logits, scale, zeroPoint) = try Self.outputs(of: bundle, for: 3)
    let local = CombinationTests.Side(values: logits, scale: scale, zeroPoint: zeroPoint)
    #expect(receipt.prediction == .init(local: CombinationTests.expected(local, local, 0.5)))
    #expect(receipt.source == .local)
    #expect(!receipt.complete)
    #expect(receipt.bytes == .init())
    #expect(receipt.stages.total == receipt.stages.local)
    #expect(receipt.energy.compute > 0)
  }

  @Test func memoryIsOnTheMap() async throws {
    let setting = try TinyBundle.setting()
    let device = try AgileNNDevice(bundle: TinyBundle.load(), in: setting)
    let names = setting.board.sram.map.map(\.name)
    #expect(
      names == [
        "stack", "static data", "camera image and activations", "LZW dictionary",
        "transmit buffer", "receive buffer",
      ])
    let receipt = try await device.infer(TinyBundle.picture(0), over: nil).receipt
    #expect(receipt.sramPeak == setting.board.sram.used)
    // The camera's image alone has 3,072 bytes, the weights of the device graph 1,536.
    #expect(receipt.sramPeak > 3072)
    #expect(receipt.flash > 1536 + setting.board.profile.program.code)
  }
}
