import BundleFormat
import DeviceCore
import FirmwareBench
import Foundation
import MCUKernels
import OffloadWire
import PlanCompiler
import SeededRandom
import Testing

/// Events that no good driver and no good server bring about: the chip and the host take them alike.
@Suite(.enabled(if: FirmwareUnderTest.isAvailable, FirmwareUnderTest.skipped))
struct HostileEventTests {
  private let bench: ChipBench
  private let model: FirmwareModel
  private let image: [UInt8]

  init() throws {
    bench = try FirmwareUnderTest.bench.get()
    let committed = try #require(CommittedModels.offloading.first)
    model = try committed.compiled()
    image = try #require(try committed.images(1).first)
  }

  /// Replays what a driver was told, and expects the same of the chip.
  private func replay(
    _ driver: CoreDriver, settings: DeviceSettings = DeviceSettings()
  ) throws -> BenchResult {
    let job = BenchJob(plan: model.plan.image, settings: settings, replaying: driver.trace)
    let result = try #require(try bench.run([job]).results.first)
    #expect(BenchResult.differences(of: result.events, from: driver.trace) == [])
    #expect(result.strayWords == 0)
    return result
  }

  private func prediction(_ request: UInt32, symbols: UInt32, scale: Float = 1) throws -> [UInt8] {
    let plan = try HostPlan(model.plan.image).plan
    return try [UInt8](repeating: 3, count: plan.classCount).withUnsafeBytes { logits in
      try Prediction(
        id: request, symbolsUsed: symbols, scale: scale, queueMicroseconds: .max,
        decodeMicroseconds: .max, runMicroseconds: .max, logits: logits
      ).encoded()
    }
  }

  @Test func callsOutOfTurn() throws {
    let driver = try CoreDriver(model.plan.image)
    driver.tell(.workDone, at: 1)
    driver.tell(.sent, at: 2)
    driver.tell(.timer, at: 3)
    driver.tell(.linkLost, at: 4)
    driver.tell(.linkUp, at: 5)
    driver.tell(.image, at: 6, bytes: image)
    driver.tell(.image, at: 7, bytes: image)
    // It has overwritten what the work had made, so that nothing that follows would mean anything.
    let result = try replay(driver)
    #expect(result.status == .outOfTurn)
    #expect(result.events[0].status == .outOfTurn)
    #expect(result.events[6].status == .outOfTurn)
  }

  @Test func eventsThatAreNone() throws {
    var job = BenchJob(plan: model.plan.image)
    job.events = [7, 8, .max].map { BenchEvent(kind: $0, instant: 1) }
    job.events.append(BenchEvent(kind: 5, instant: 2))
    let result = try #require(try bench.run([job]).results.first)
    #expect(
      result.events.map(\.status) == [.noSuchEvent, .noSuchEvent, .noSuchEvent, .ok])
  }

  @Test func aBareModelTakesNoEvents() throws {
    let committed = try #require(CommittedModels.offloading.first)
    let graph = committed.bundle.directory.appendingPathComponent("device.tflite")
    let bare = try FirmwareModel(of: graph)
    var job = bare.job(inputs: bare.randomInputs(1, seed: 8))
    job.events = [BenchEvent(kind: 5, instant: 1)]
    let result = try #require(try bench.run([job]).results.first)
    #expect(result.pathCount == 0)
    #expect(result.outputs == [try HostPlan(bare.plan.image).infer(job.inputs[0])])
    #expect(result.events.isEmpty, "the bench gives it none")
  }

  @Test func settingsThatMeanNothing() throws {
    let good = DeviceSettings().firmwareWords
    let bad: [(Int, UInt32)] = [(2, 2), (2, .max), (3, 200), (5, 2), (7, 3)]
    let results = try bench.run(
      bad.map { index, value in
        var job = BenchJob(plan: model.plan.image)
        job.settingsWords = good
        job.settingsWords?[index] = value
        return job
      }
    ).results
    #expect(results.map(\.status) == bad.map { _ in .settings })
    #expect(results.allSatisfy { $0.strayWords == 0 })
  }

  @Test func clocksThatJump() throws {
    var settings = DeviceSettings()
    settings.deadline = .max - 1
    settings.budget = 500
    let driver = try CoreDriver(model.plan.image, settings: settings)
    let plan = driver.plan
    driver.tell(.linkUp, at: 1 << 40)
    var now = try driver.classify(image, at: 0) { request, symbols in
      try prediction(request, symbols: symbols)
    }
    driver.tell(.timer, at: .max)
    now = try driver.classify(image, at: now) { request, symbols in
      try prediction(request, symbols: symbols)
    }
    _ = driver.classify(image, at: 1 << 62) { _, _ in nil }
    #expect(plan.pathCount > 0)
    #expect(try replay(driver, settings: settings).status == .ok)
  }

  /// Frames that a server should not send while a request is open: whole, cut, mutated, foreign.
  @Test func framesThatAServerShouldNotSend() throws {
    var frames: [[UInt8]] = [
      [], [8], Array(repeating: 0xFF, count: 8), Array(repeating: 0xFF, count: 4000),
      try prediction(0, symbols: .max), try prediction(0, symbols: 1 << 31),
      try prediction(0, symbols: 1, scale: .greatestFiniteMagnitude),
      try prediction(1, symbols: 1), try prediction(.max, symbols: 1),
      Array(try prediction(0, symbols: 1).dropLast()), try prediction(0, symbols: 1) + [0],
      try Refusal.encoded(id: 0, code: .busy, text: "no"),
      try Refusal.encoded(id: 9, code: .busy, text: "no"),
      try ErrorFrame.encoded(code: .internalFailure, text: "no"),
    ]
    var random = SplitMix64(seed: 3)
    let good = try prediction(0, symbols: 100)
    for _ in 0..<200 {
      var frame = good
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        frame[Int.random(in: 0..<frame.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      frames.append(Array(frame.prefix(Int.random(in: 1...frame.count, using: &random))))
      frames.append(frame)
    }
    let drivers = try frames.map { frame in
      let driver = try CoreDriver(model.plan.image)
      driver.tell(.linkUp, at: 0)
      _ = driver.classify(image, at: 1) { _, _ in frame }
      driver.tell(.received(bytes: good.count), at: 1_000_000, bytes: good)
      return driver
    }
    let results = try bench.run(
      drivers.map {
        BenchJob(
          plan: model.plan.image, settings: DeviceSettings(), replaying: $0.trace)
      }
    ).results
    var faults: Set<LinkFault> = []
    for (driver, result) in zip(drivers, results) {
      #expect(BenchResult.differences(of: result.events, from: driver.trace) == [])
      #expect(result.strayWords == 0)
      #expect(result.status == .ok)
      faults.formUnion(result.events.compactMap(\.linkFault))
    }
    #expect(faults.count >= 5, "\(faults)")
  }
}
