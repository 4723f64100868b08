import FeatureCoding
import MCUKernels
import Testing

@testable import Board

/// The presets against published measurements: whole models to 10 %, single layers to 15 %.
struct PublishedTimeTests {
  private let store: ConfigStore

  init() throws {
    store = try ConfigStore.locate()
  }

  struct Whole: Sendable, CustomTestStringConvertible {
    let preset: String
    let name: String
    let graph: [OperatorGeometry]
    let milliseconds: Double
    var megahertz = 216.0
    var testDescription: String { "\(preset) \(name)" }
  }

  static let wholes: [Whole] = [
    Whole(
      preset: "tflm", name: "SmallCifar", graph: PublishedGraphs.smallCifar, milliseconds: 393),
    Whole(
      preset: "cmsis-nn", name: "SmallCifar", graph: PublishedGraphs.smallCifar, milliseconds: 137),
    Whole(
      preset: "tinyengine", name: "SmallCifar", graph: PublishedGraphs.smallCifar,
      milliseconds: 129),
    Whole(
      preset: "tflm", name: "MobileNetV2 64", graph: PublishedGraphs.mobileNetV2(64),
      milliseconds: 296),
    Whole(
      preset: "cmsis-nn", name: "MobileNetV2 64", graph: PublishedGraphs.mobileNetV2(64),
      milliseconds: 149),
    Whole(
      preset: "tinyengine", name: "MobileNetV2 64", graph: PublishedGraphs.mobileNetV2(64),
      milliseconds: 95),
    Whole(
      preset: "tinyengine", name: "MobileNetV2 144", graph: PublishedGraphs.mobileNetV2(144),
      milliseconds: 292),
    Whole(
      preset: "x-cube-ai", name: "ResNet-8 v1.0", graph: PublishedGraphs.resNet8,
      milliseconds: 54.3, megahertz: 280),
    Whole(
      preset: "x-cube-ai", name: "ResNet-8 v1.1", graph: PublishedGraphs.resNet8,
      milliseconds: 51.9, megahertz: 280),
    Whole(
      preset: "x-cube-ai", name: "DS-CNN v1.0", graph: PublishedGraphs.dsCNN, milliseconds: 16.8,
      megahertz: 280),
    Whole(
      preset: "x-cube-ai", name: "DS-CNN v1.1", graph: PublishedGraphs.dsCNN, milliseconds: 15.4,
      megahertz: 280),
  ]

  @Test(arguments: wholes)
  func wholeModels(row: Whole) throws {
    let cycles = try store.kernels(row.preset).cycles(for: row.graph)
    let error = Double(cycles) / (row.megahertz * 1000) / row.milliseconds - 1
    #expect(abs(error) <= 0.10, "\(row.preset) \(row.name): \(error * 100) %")
  }

  struct Layer: Sendable, CustomTestStringConvertible {
    let name: String
    let geometry: OperatorGeometry
    let cycles: Double
    var testDescription: String { name }
  }

  /// MobileNetV1 0.25 at 160x160 on CMSIS-NN, STM32H743, cycles.
  static let layers: [Layer] = [
    Layer(
      name: "conv", geometry: .convolution(160, 160, 3, outputs: 8, kernel: 3, stride: 2),
      cycles: 5_336_698),
    Layer(name: "depthwise 80 8", geometry: .depthwise(80, 80, 8), cycles: 6_852_997),
    Layer(
      name: "pointwise 80 8 16", geometry: .convolution(80, 80, 8, outputs: 16, kernel: 1),
      cycles: 3_234_362),
    Layer(
      name: "depthwise s2 16", geometry: .depthwise(80, 80, 16, stride: 2), cycles: 2_811_340),
    Layer(
      name: "pointwise 40 16 32", geometry: .convolution(40, 40, 16, outputs: 32, kernel: 1),
      cycles: 2_139_701),
    Layer(name: "depthwise 40 32", geometry: .depthwise(40, 40, 32), cycles: 4_961_183),
    Layer(
      name: "pointwise 40 32 32", geometry: .convolution(40, 40, 32, outputs: 32, kernel: 1),
      cycles: 3_516_545),
    Layer(
      name: "pointwise 10 128 128", geometry: .convolution(10, 10, 128, outputs: 128, kernel: 1),
      cycles: 2_911_048),
    Layer(name: "depthwise 10 128", geometry: .depthwise(10, 10, 128), cycles: 1_132_775),
    Layer(name: "average pool", geometry: .globalAverage(5, 5, 256), cycles: 38_831),
    Layer(name: "dense", geometry: .dense(256, 1000), cycles: 682_141),
  ]

  @Test(arguments: layers)
  func singleLayers(row: Layer) throws {
    let cycles = try store.kernels("cmsis-nn").cycles(for: row.geometry)
    let error = Double(cycles) / row.cycles - 1
    #expect(abs(error) <= 0.15, "\(row.name): \(error * 100) %")
  }

  @Test func theGraphsHaveThePublishedMACs() {
    func millions(_ graph: [OperatorGeometry]) -> Double {
      (Double(graph.reduce(0) { $0 + $1.macs }) / 1e5).rounded() / 10
    }
    #expect(millions(PublishedGraphs.smallCifar) == 12.3)
    #expect(millions(PublishedGraphs.mobileNetV2(144)) == 23.5)
    #expect(millions(PublishedGraphs.resNet8) == 12.5)
    #expect(millions(PublishedGraphs.dsCNN) == 2.7)
  }

  /// The paper's compressor at 216 MHz, ms: symbols and, from its network times, bytes.
  @Test(arguments: [
    (19 * 1024, 3800, 1.9), (19 * 1024, 4000, 2.0), (19 * 1024, 1600, 1.5),
    (19 * 4096, 15600, 9.9),
  ])
  func thePapersCompressor(symbols: Int, bytes: Int, milliseconds: Double) throws {
    let preset = try store.kernels("cmsis-nn")
    let cycles =
      preset.cycles(quantising: symbols)
      + preset.cycles(encoding: symbols, references: 0, into: bytes, by: .lzw)
    #expect(abs(Double(cycles) / 216_000 / milliseconds - 1) < 0.18)
  }
}
