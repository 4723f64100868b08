import Board
import LabKit
import TFLite
import TestBundles
import Testing

@testable import NetworkSearch

struct ArchitectureTests {
  static let small = Architecture(
    side: 16, stemChannels: 8, stemStride: 2,
    blocks: [
      .init(expansion: 1, kernel: 3, channels: 8, stride: 1),
      .init(expansion: 3, kernel: 5, channels: 12, stride: 2),
    ], head: 20)

  static func bench(_ kernels: String = "swift") throws -> Inspection.Bench {
    let config = ConfigStore(root: Repository.config)
    return Inspection.Bench(
      board: try config.board("stm32f746"), presets: [try config.kernels(kernels)])
  }

  @Test func layersAreThoseOfTheBlocks() {
    #expect(
      Self.small.layers == [
        .init(kind: .dense, kernel: 3, stride: 2, inputs: 3, outputs: 8, side: 8),
        .init(kind: .depthwise, kernel: 3, stride: 1, inputs: 8, outputs: 8, side: 8),
        .init(kind: .dense, kernel: 1, stride: 1, inputs: 8, outputs: 8, side: 8),
        .init(kind: .dense, kernel: 1, stride: 1, inputs: 8, outputs: 24, side: 8),
        .init(kind: .depthwise, kernel: 5, stride: 2, inputs: 24, outputs: 24, side: 4),
        .init(kind: .dense, kernel: 1, stride: 1, inputs: 24, outputs: 12, side: 4),
        .init(kind: .dense, kernel: 1, stride: 1, inputs: 12, outputs: 20, side: 4),
      ])
  }

  /// Multiply-accumulates counted by hand: padded taps count, as everywhere in the emulator.
  @Test func theEmulatorCountsTheSameMultiplications() throws {
    let cost = try ArchitectureCost(of: Self.small, classes: 10, camera: 32, on: Self.bench())
    let expected =
      64 * 27 * 8 + 64 * 9 * 8 + 64 * 8 * 8 + 64 * 8 * 24 + 16 * 25 * 24 + 16 * 24 * 12
      + 16 * 12 * 20 + 20 * 10
    #expect(cost.macs == expected)
    #expect(cost.milliseconds > 0 && cost.sram > 0 && cost.flash > 0)
  }

  /// The block whose input is added has one operator more than the same with other channels.
  @Test func equalChannelsAreAdded() {
    func operators(_ channels: Int) -> [String] {
      var network = Self.small
      network.blocks[0].channels = channels
      return ArchitectureModel.graph(of: network, classes: 10).operators.map(\.name)
    }
    #expect(operators(8).filter { $0 == "ADD" }.count == 1)
    #expect(operators(9).filter { $0 == "ADD" }.isEmpty)
  }

  /// A wider, a deeper and a longer-looking network has a higher score; depth alone raises depth over
  /// width.
  @Test func entropyGrowsWithWidthDepthAndKernels() {
    func changed(_ change: (inout Architecture) -> Void) -> Architecture {
      var network = Self.small
      change(&network)
      return network
    }
    let score = EntropyScore.score(of: Self.small)
    let wider = changed { $0.blocks[1].channels = 24 }
    let deeper = changed { $0.blocks.append($0.blocks[0]) }
    let broader = changed { $0.blocks[1].kernel = 7 }
    for network in [wider, deeper, broader] { #expect(EntropyScore.score(of: network) > score) }
    #expect(
      EntropyScore.effectiveness(of: deeper) > EntropyScore.effectiveness(of: Self.small))
    #expect(
      EntropyScore.effectiveness(of: wider) < EntropyScore.effectiveness(of: Self.small))
  }

  @Test func trainingReadsItsLines() {
    #expect(
      Self.small.yaml(camera: 32) == """
        # For the key `side` of `dataset`:
        # side: 16
        network:
          stem: {channels: 8, stride: 2}
          blocks:
            - {expansion: 1, kernel: 3, channels: 8, stride: 1}
            - {expansion: 3, kernel: 5, channels: 12, stride: 2}
          head: 20

        """)
  }
}
