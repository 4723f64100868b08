import Board
import Foundation
import TestBundles
import Testing

@testable import DeviceSchemes

/// A bundle on its board: what it takes, and what is refused before anything runs.
@Suite struct PlacedDeviceTests {
  private static let camera = (width: 32, height: 32)
  private static let config = ConfigStore(root: Repository.config)

  private static func board() throws -> Board {
    try Board(profile: config.board("stm32f746"), preset: config.kernels("swift"))
  }

  @Test func memoryIsOnTheMap() throws {
    let device = try PlacedDevice(
      FixtureBundle.tiny.load(), camera: Self.camera, on: Self.board())
    #expect(
      device.board.sram.map.map(\.name) == [
        "stack", "static data", "camera image and activations", "coder", "transmit buffer",
        "receive buffer",
      ])
    #expect(device.board.flash.map.map(\.name) == ["program", "plan"])
    // The camera's image alone has 3,072 bytes, the weights of the device graph 1,536.
    #expect(device.board.sram.peak > 3072)
    #expect(device.image.byteCount > 1536)
  }

  /// Each scheme, with the bundle of one that has both halves.
  @Test(arguments: [
    ("agilenn", true), ("deepcod", true), ("spinn", true), ("mcunet", false), ("edge-only", false),
  ])
  func whatSchemesStandOn(scheme: String, isMet: Bool) throws {
    try FixtureBundle.tiny.edited {
      $0["scheme"] = scheme
    } then: { bundle in
      let place = {
        _ = try PlacedDevice(bundle, camera: Self.camera, on: Self.board())
      }
      if isMet {
        try place()
      } else {
        let error = #expect(throws: DeviceError.self) { try place() }
        #expect(error?.description.contains("which the scheme \(scheme) needs") == true)
      }
    }
  }

  /// Tables that are none are the coder's fault, not the device graph's.
  @Test func tablesThatAreNone() throws {
    let copy = try BundleCopy(
      of: FixtureBundle.tiny.folder, adding: ["coder.bin": Array("no tables at all".utf8)]
    ) { manifest in
      manifest.changeEach("paths") { path in
        path.changeEach("sends") {
          $0["coder"] = ["name": "range", "tables": ["file": "coder.bin"]]
        }
      }
    }
    let bundle = try copy.load()
    #expect(throws: DeviceError.unusableCoder("the coder's tables are malformed at byte 0")) {
      try PlacedDevice(bundle, camera: Self.camera, on: Self.board())
    }
  }

  /// SRAM one byte too small, and one that is just enough.
  @Test func refusedBeforeItRuns() throws {
    let roomy = try PlacedDevice(FixtureBundle.tiny.load(), camera: Self.camera, on: Self.board())
    let end = try #require(roomy.board.sram.map.last.map { $0.offset + $0.byteCount })

    func board(sram: Int) throws -> Board {
      let text = try String(
        contentsOf: Self.config.root.appendingPathComponent("boards/stm32f746.yaml"),
        encoding: .utf8)
      let file = FileManager.default.temporaryDirectory
        .appendingPathComponent("agilenn-board-\(UUID().uuidString).yaml")
      defer { try? FileManager.default.removeItem(at: file) }
      try text.replacingOccurrences(of: "sram: 327680", with: "sram: \(sram)")
        .write(to: file, atomically: true, encoding: .utf8)
      return try Board(
        profile: Self.config.board(file.path), preset: Self.config.kernels("swift"))
    }

    _ = try PlacedDevice(FixtureBundle.tiny.load(), camera: Self.camera, on: board(sram: end))
    let overflow = #expect(throws: SRAMOverflow.self) {
      _ = try PlacedDevice(FixtureBundle.tiny.load(), camera: Self.camera, on: board(sram: end - 1))
    }
    #expect(overflow?.exitStatus == 65)
    #expect(overflow?.refused.map(\.name) == ["receive buffer"])
    #expect(overflow?.tenants.map(\.name).contains("coder") == true)
  }
}
