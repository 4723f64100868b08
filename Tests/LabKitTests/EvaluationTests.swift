import Board
import BundleFormat
import Datasets
import DeviceCore
import DeviceKit
import Foundation
import LabKit
import TestBundles
import Testing

/// Several devices at once give what one gives.
@Suite(.serialized, .enabled(if: CommittedBundles.engine != nil, "scripts/setup run"))
struct EvaluationTests {
  private let bundle: ModelBundle
  private let images: ImageSource

  init() throws {
    bundle = try ModelBundle(
      directory: Repository.models.appendingPathComponent("digits/agilenn", isDirectory: true))
    let digits = try DatasetLocator(root: nil).open(.digits, split: .test)
    images = ImageSource(digits, count: 101, seed: 3)
  }

  private func settings(
    _ serverTime: ServerTime, device: DeviceSettings = DeviceSettings()
  ) throws -> DeviceRun.Settings {
    let config = try ConfigStore.locate()
    return DeviceRun.Settings(
      board: try config.board("stm32f746"), kernels: try config.kernels("swift"),
      radio: try config.radio("wifi-6mbps"), serverTime: serverTime, device: device)
  }

  private func receipts(
    devices: Int, _ settings: DeviceRun.Settings
  ) async throws -> (receipts: [Receipt], result: Evaluation.Result) {
    var receipts: [Receipt] = []
    let result = try await Evaluation(bundle: bundle, settings: settings, devices: devices).run(
      images, engine: CommittedBundles.engine, warn: { Issue.record("\($0)") },
      each: { receipts.append($0) })
    return (receipts, result)
  }

  @Test(arguments: [2, 4, 7, 200])
  func receiptsAreThoseOfOneDeviceInTheOrderOfTheImages(_ devices: Int) async throws {
    let settings = try settings(.pinned(microseconds: 900))
    let one = try await receipts(devices: 1, settings)
    let several = try await receipts(devices: devices, settings)
    #expect(one.receipts.count == 101)
    #expect(several.receipts == one.receipts)
    #expect(several.result.settings.serverTime == .pinned(microseconds: 900))
  }

  /// What a device learns of its link goes by the images that it has had, so that the number of
  /// devices counts here, and nothing else.
  @Test func deadlinesAreKeptAlikeEachTime() async throws {
    var device = DeviceSettings()
    device.deadline = 6000
    let settings = try settings(.pinned(microseconds: 900), device: device)
    let first = try await receipts(devices: 4, settings)
    #expect(try await receipts(devices: 4, settings).receipts == first.receipts)
  }

  @Test func theServerIsTimedOnce() async throws {
    let (receipts, result) = try await receipts(devices: 4, settings(.measured))
    let time = try #require(result.settings.serverTime.pinnedMicroseconds)
    #expect(time > 0)
    #expect(receipts.count == 101)
    #expect(result.outcome.summary.mean(.run) == Double(time))
  }

  @Test func oneDeviceIsChargedWhatTheServerMeasures() async throws {
    let result = try await receipts(devices: 1, settings(.measured)).result
    #expect(result.settings.serverTime == .measured)
    #expect(result.outcome.summary.mean(.decode) > 0)
  }

  /// The error of the device that fails ends the others as well.
  @Test func anImageThatCannotBeTakenEndsTheRun() async throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("agilenn-\(UUID().uuidString).png")
    try Data("no picture".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let broken = try ImageSource(files: [file, file, file], count: nil, seed: nil)
    let evaluation = try Evaluation(bundle: bundle, settings: settings(.measured), devices: 3)
    await #expect(throws: DatasetError.self) {
      try await evaluation.run(broken, engine: CommittedBundles.engine)
    }
  }
}
