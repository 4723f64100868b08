import Board
import BundleFormat
import DeviceCore
import DeviceSchemes
import FirmwareBench
import Foundation
import Oracle
import PlanCompiler
import TestBundles
import Testing

/// The map of SRAM and flash that the emulator prints is the chip's.
@Suite(.enabled(if: FirmwareUnderTest.isAvailable, FirmwareUnderTest.skipped))
struct MemoryTests {
  private let bench: ChipBench
  private let profile: BoardProfile

  init() throws {
    bench = try FirmwareUnderTest.bench.get()
    profile = try FirmwareUnderTest.config.board("stm32f746")
  }

  @Test func theBoardHasTheFirmwaresFigures() throws {
    let recorded = try FirmwareUnderTest.recordedFigures()
    #expect(profile.program.code == recorded.code)
    #expect(profile.program.staticData == recorded.staticData)
    #expect(profile.program.stack == recorded.stack)
    #expect(FirmwareFigures(text: recorded.text) == recorded)
    #expect(FirmwareFigures(text: recorded.text.replacingOccurrences(of: "code:", with: "")) == nil)
  }

  @Test func theFiguresAreTheFreshlyBuiltFirmwares() throws {
    let recorded = try FirmwareUnderTest.recordedFigures()
    let built = try FirmwareFigures(of: bench, stackUsed: recorded.stackUsed)
    withKnownIssue(
      "built by \(built.compiler), recorded of \(recorded.compiler)", isIntermittent: true
    ) {
      #expect(built == recorded, "scripts/firmware --record")
    } when: {
      built.compiler != recorded.compiler
    }
  }

  @Test(arguments: CommittedModels.all + CommittedModels.schemes)
  func theChipsMapIsTheEmulators(_ committed: CommittedModels.Model) throws {
    let model = try committed.compiled()
    let images = try committed.images(3)
    var job = model.job(inputs: images)
    job.events = try model.exchange(images).map(BenchEvent.init)
    let result = try #require(try bench.run([job]).results.first)
    try #require(result.status == .ok)
    let board = try Board(profile: profile, preset: FirmwareUnderTest.config.kernels("swift"))
    let device = try PlacedDevice(committed.bundle, camera: committed.camera(), on: board)
    let map = device.board.sram.map
    #expect(map.first?.name == "stack")
    #expect(map.first?.offset == 0)
    #expect(result.stackUsed <= map.first?.byteCount ?? 0)
    #expect(map.dropFirst().first?.name == "static data")
    #expect(result.poolOffset == map.prefix(2).reduce(0) { $0 + $1.byteCount })
    let pieces = [result.arena, result.workspace, result.transmit, result.receive]
      .filter { $0.byteCount > 0 }
    #expect(map.dropFirst(2).filter { $0.byteCount > 0 }.map(\.offset) == pieces.map(\.offset))
    #expect(
      map.dropFirst(2).filter { $0.byteCount > 0 }.map(\.byteCount) == pieces.map(\.byteCount))
    #expect(result.arenaUsed <= result.arena.byteCount)
    // The painted mark is to whole words, and a last word may by chance be what was painted.
    #expect(result.arenaUsed >= result.arena.byteCount * 9 / 10)
  }

  /// The reserve holds for every operator that the compiler knows.
  @Test(
    .enabled(if: Oracle.folder != nil, Comment(rawValue: Oracle.skipped)))
  func theDeepestStackIsRecorded() throws {
    let oracle = try Oracle(folder: #require(Oracle.folder))
    let models = try oracle.cases.filter { !$0.isGiven }.map {
      try FirmwareModel(of: oracle.folder.appendingPathComponent($0.model))
    }
    let record = try FirmwareRecord(bundles: Repository.models, models: models, on: bench)
    let recorded = try FirmwareUnderTest.recordedFigures()
    #expect(record.figures.stackUsed <= recorded.stack - 512)
    if record.figures.compiler == recorded.compiler {
      #expect(record.figures.stackUsed == recorded.stackUsed, "scripts/firmware --record")
    }
  }
}
