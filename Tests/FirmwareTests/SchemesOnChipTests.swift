import Board
import BundleFormat
import DeviceCore
import FirmwareBench
import Foundation
import OffloadWire
import PlanCompiler
import TestBundles
import Testing

/// The other schemes on the chip: every path, whatever happens to it, does the same as on the host to
/// the bit, and the device's own answers are those of LiteRT.
@Suite(.enabled(if: FirmwareUnderTest.isAvailable, FirmwareUnderTest.skipped))
struct SchemesOnChipTests {
  private static let imageCount = 12

  /// A run, and whose answers there must be.
  private struct Case {
    let name: String
    let run: EmulatedRun
  }

  private func cases(_ model: CommittedModels.Model, path: Int) async throws -> [Case] {
    var cases: [Case] = []
    func add(
      _ name: String, radio: String = "wifi-6mbps",
      _ change: (inout EmulatedRun.Settings) -> Void = { _ in }
    ) async throws {
      var settings = EmulatedRun.Settings()
      settings.radio = try FirmwareUnderTest.config.radio(radio)
      settings.device.path = path
      change(&settings)
      cases.append(
        Case(
          name: name, run: try await model.emulated(images: Self.imageCount, settings: settings)))
    }
    try await add("always")
    try await add("in one line") { $0.device.overlaps = false }
    try await add("budget") { $0.device.budget = 31 }
    try await add("no budget") { $0.device.budget = 0 }
    try await add("no time") { $0.device.deadline = 0 }
    try await add("a slow link", radio: "ble-270kbps") { $0.device.deadline = 30_000 }
    try await add("offline") { $0.isOffline = true }
    try await add("losses") { $0.script = [.prediction, .lost, .refusal(.busy)] }
    return cases
  }

  @Test(arguments: CommittedModels.schemes)
  func everyPathIsEqual(_ model: CommittedModels.Model) async throws {
    let bench = try FirmwareUnderTest.bench.get()
    for (number, path) in model.bundle.manifest.paths.enumerated() {
      let cases = try await cases(model, path: number)
      let results = try bench.run(cases.map(\.run.job)).results
      try #require(results.count == cases.count)
      for (one, result) in zip(cases, results) {
        #expect(result.status == .ok, "\(path.name), \(one.name)")
        #expect(one.run.differences(from: result) == [], "\(path.name), \(one.name)")
        #expect(result.strayWords == 0)
        #expect(one.run.answers.count == Self.imageCount)
      }
      try expectAnswers(of: cases, on: path, of: model)
    }
  }

  /// Pictures that the chip codes itself.
  @Test(arguments: [("4:2:0", 60), ("4:4:4", 95)])
  func aPictureIsCodedEqually(_ chroma: String, quality: Int) async throws {
    let bench = try FirmwareUnderTest.bench.get()
    let model = try #require(
      CommittedModels.schemes.first { $0.testDescription.hasSuffix("edge-only") })
    let jpeg = try BundleVariant.jpeg(of: model, quality: quality, chroma: chroma)
    let cases = try await cases(jpeg, path: 0)
    let results = try bench.run(cases.map(\.run.job)).results
    try #require(results.count == cases.count)
    for (one, result) in zip(cases, results) {
      #expect(result.status == .ok, "\(one.name)")
      #expect(one.run.differences(from: result) == [], "\(one.name)")
      #expect(result.strayWords == 0)
    }
    let sent = cases[0].run.events.flatMap(\.sent).count
    #expect(sent > Self.imageCount * 40)
  }

  /// A picture's file is somebody else's work, and on a board there is nobody.
  @Test func aPlanWithFilesIsRefused() throws {
    let bench = try FirmwareUnderTest.bench.get()
    let model = try #require(
      CommittedModels.schemes.first { $0.testDescription.hasSuffix("edge-only") })
    let png = try BundleCopy(of: model.bundle.directory) { manifest in
      manifest.changeEach("paths") { path in
        path["codec"] = "png"
        path.changeEach("sends") { $0["missing"] = nil }
      }
    }
    let compiled = try FirmwareModel(png.load(), camera: model.camera())
    let result = try #require(try bench.run([BenchJob(plan: compiled.plan.image)]).results.first)
    #expect(result.status == .planUse)
  }

  /// The exits' answers are the oracle's in every case, and the sources those of the path.
  private func expectAnswers(
    of cases: [Case], on path: BundleManifest.Path, of model: CommittedModels.Model
  ) throws {
    let fixture = FixtureBundle(model.bundle.directory.lastPathComponent)
    let pictures = try OracleAnswers(of: fixture).pictures(path.name)
    try #require(pictures.count == Self.imageCount)
    for one in cases {
      for (answer, picture) in zip(one.run.answers, pictures) where answer.local >= 0 {
        #expect(picture.exits.contains { $0.label == Int(answer.local) }, "\(one.name)")
      }
    }
    let sources = Set(cases[0].run.answers.map(\.source))
    let local: Set<DeviceAnswer.Source> = [.local]
    let hasThreshold = path.deviceExits.contains { $0.threshold != nil }
    let remote: Set<DeviceAnswer.Source> =
      path.remote == nil ? [] : path.deviceExits.last?.alpha == nil ? [.remote] : [.combined]
    #expect(sources == (hasThreshold || remote.isEmpty ? remote.union(local) : remote))
    let offline = try #require(cases.first { $0.name == "offline" })
    #expect(Set(offline.run.answers.map(\.source)) == (path.deviceExits.isEmpty ? [.none] : local))
    #expect(offline.run.events.allSatisfy { $0.sent.isEmpty })
  }

  /// What the scheme chooses by itself.
  @Test(arguments: CommittedModels.schemes)
  func theSchemesOwnChoiceIsEqual(_ model: CommittedModels.Model) async throws {
    let bench = try FirmwareUnderTest.bench.get()
    var settings = EmulatedRun.Settings()
    settings.radio = try FirmwareUnderTest.config.radio("wifi-6mbps")
    let run = try await model.emulated(images: Self.imageCount, settings: settings)
    let result = try #require(try bench.run([run.job]).results.first)
    #expect(result.status == .ok && run.differences(from: result) == [])
  }
}
