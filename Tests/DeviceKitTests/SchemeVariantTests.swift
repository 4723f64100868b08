import Board
import FeatureCoding
import Foundation
import Testing

@testable import Schemes

/// Manifests other than AgileNN's usual one, and boards and pictures that do not fit.
@Suite struct SchemeVariantTests {
  static let logits: [Int8] = [1, 2, 3, 4, 5, 6, 7, 80, 9, 10]

  static func server() -> ScriptedServer {
    ScriptedServer { request in
      try ScriptedServer.prediction(id: request.id, logits: logits)
    }
  }

  @Test func withoutSymbolsTheValuesAreSent() async throws {
    let usual = try TinyBundle.load()
    let features = try AgileNNDeviceTests.outputs(of: usual, for: 0).features
    try await TinyBundle.edited { $0["symbols"] = nil }.open { bundle in
      let device = try AgileNNDevice(bundle: bundle, in: TinyBundle.setting())
      let server = Self.server()
      let receipt = try await device.infer(TinyBundle.picture(0), over: server).receipt
      let inOrder = (0..<5).flatMap { channel in
        stride(from: channel, to: features.count, by: 5).map { UInt8(bitPattern: features[$0]) }
      }
      #expect(server.requests.first?.payload == inOrder)
      #expect(receipt.bytes.payload == 80)
    }
  }

  @Test func oneTableForEachChannel() async throws {
    let usual = try TinyBundle.load()
    let features = try AgileNNDeviceTests.outputs(of: usual, for: 0).features
    let symbolOf = (0..<5).map { channel in (0..<256).map { ($0 / 32 + channel) % 8 } }
    try await TinyBundle.edited { manifest in
      manifest["symbols"] = [
        "tables": symbolOf.map { ["symbolOf": $0, "valueOf": (0..<8).map(Double.init)] }
      ]
    }.open { bundle in
      let device = try AgileNNDevice(bundle: bundle, in: TinyBundle.setting())
      let server = Self.server()
      _ = try await device.infer(TinyBundle.picture(0), over: server)
      let symbols = (0..<5).flatMap { channel in
        stride(from: channel, to: features.count, by: 5).map {
          UInt8(symbolOf[channel][Int(features[$0]) + 128])
        }
      }
      let payload = try #require(server.requests.first?.payload)
      #expect(try LZW.decode(payload, symbolCount: 80, alphabetSize: 8) == symbols)
    }
  }

  @Test func withoutAlphaTheRemoteAnswerStands() async throws {
    try await TinyBundle.edited { $0["alpha"] = nil }.open { bundle in
      let device = try AgileNNDevice(bundle: bundle, in: TinyBundle.setting())
      let receipt = try await device.infer(TinyBundle.picture(0), over: Self.server()).receipt
      #expect(receipt.source == .remote)
      #expect(receipt.answer == 7)
      #expect(receipt.prediction.combined == nil)
      #expect(receipt.prediction.local != nil)
    }
  }

  @Test func withoutALocalExitTheDeviceNeedsAServer() async throws {
    try await TinyBundle.edited { manifest in
      manifest["alpha"] = nil
      manifest["paths"] = [
        [
          "device": "device", "remote": "remote", "tensors": ["features": "features"],
          "exits": ["remote": "logits"],
        ]
      ]
    }.open { bundle in
      let device = try AgileNNDevice(bundle: bundle, in: TinyBundle.setting())
      #expect(!device.answersAlone)
      let receipt = try await device.infer(TinyBundle.picture(0), over: Self.server()).receipt
      #expect(receipt.prediction == .init(remote: 7))
      await #expect(throws: DeviceError.noLocalAnswer) {
        _ = try await device.infer(TinyBundle.picture(0), over: nil)
      }
      await #expect(throws: OffloadFailure.self) {
        _ = try await device.infer(TinyBundle.picture(0), over: ScriptedServer { _ in [] })
      }
    }
  }

  @Test func unknownScheme() async throws {
    try await TinyBundle.edited { $0["scheme"] = "clairvoyance" }.open { bundle in
      let error = #expect(throws: DeviceError.self) {
        _ = try DeviceSchemes.open(bundle, in: TinyBundle.setting())
      }
      #expect(
        error?.description
          == "no device for the scheme 'clairvoyance' (there is one for agilenn)")
      #expect(error?.exitStatus == 65)
    }
  }

  @Test func wrongPictureSize() async throws {
    let device = try AgileNNDevice(bundle: TinyBundle.load(), in: TinyBundle.setting())
    let error = await #expect(throws: DeviceError.self) {
      _ = try await device.infer(TinyBundle.picture(0, width: 31), over: nil)
    }
    #expect(
      error?.description == "noise/0: the image has 31x32 pixels, the camera delivers 32x32")
  }

  /// SRAM one byte too small, and one that is just enough.
  @Test func refusedBeforeItRuns() throws {
    let roomy = try TinyBundle.setting()
    _ = try AgileNNDevice(bundle: TinyBundle.load(), in: roomy)
    let end = try #require(roomy.board.sram.map.last.map { $0.offset + $0.byteCount })

    func setting(sram: Int) throws -> DeviceSetting {
      let text = try String(
        contentsOf: TinyBundle.config.root.appendingPathComponent("boards/stm32f746.yaml"),
        encoding: .utf8)
      let file = FileManager.default.temporaryDirectory
        .appendingPathComponent("agilenn-board-\(UUID().uuidString).yaml")
      defer { try? FileManager.default.removeItem(at: file) }
      try text.replacingOccurrences(of: "sram: 327680", with: "sram: \(sram)")
        .write(to: file, atomically: true, encoding: .utf8)
      var setting = try TinyBundle.setting()
      setting.board = try Board(
        profile: TinyBundle.config.board(file.path), preset: TinyBundle.config.kernels("swift"))
      return setting
    }

    _ = try AgileNNDevice(bundle: TinyBundle.load(), in: setting(sram: end))
    let overflow = #expect(throws: SRAMOverflow.self) {
      _ = try AgileNNDevice(bundle: TinyBundle.load(), in: setting(sram: end - 1))
    }
    #expect(overflow?.exitStatus == 65)
    #expect(overflow?.refused.map(\.name) == ["receive buffer"])
    #expect(overflow?.tenants.map(\.name).contains("LZW dictionary") == true)
  }
}
