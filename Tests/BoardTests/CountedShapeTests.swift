import FeatureCoding
import Foundation
import MCUKernels
import Testing

@testable import Board

/// The `swift` preset against cycles of counted instructions: the shapes of scripts/swift_grid.py, as
/// scripts/fit_swift_clock.py wrote them.
struct CountedShapeTests {
  private struct Row {
    let text: String
    let geometry: OperatorGeometry
    let cycles: Int

    init?(_ line: Substring) {
      let cells = line.split(separator: ",")
      let numbers = cells.compactMap { Int($0) }
      let kinds: [String: OperatorKind] = [
        "conv2D": .conv2D, "depthwiseConv2D": .depthwiseConv2D, "fullyConnected": .fullyConnected,
        "add": .add, "mul": .mul, "averagePool2D": .averagePool2D, "maxPool2D": .maxPool2D,
        "mean": .mean, "pad": .pad, "copy": .copy, "transpose": .transpose, "softmax": .softmax,
        "logistic": .logistic, "stridedSlice": .stridedSlice, "concatenation": .concatenation,
        "quantize": .quantize, "dequantize": .dequantize, "requantize": .requantize,
        "resizeNearest": .resizeNearest,
      ]
      let finishes: [String: OperatorGeometry.Finish] = [
        "quick": .quick, "clamped": .clamped, "exact": .exact,
      ]
      guard cells.count == 19, numbers.count == 17, let kind = kinds[String(cells[0])],
        let finish = finishes[String(cells[16])]
      else { return nil }
      text = String(line)
      geometry = OperatorGeometry(
        kind: kind, inputHeight: numbers[0], inputWidth: numbers[1], inputChannels: numbers[2],
        outputHeight: numbers[3], outputWidth: numbers[4], outputChannels: numbers[5],
        kernelHeight: numbers[6], kernelWidth: numbers[7], strideHeight: numbers[8],
        strideWidth: numbers[9], inputElements: numbers[10], outputElements: numbers[11],
        macs: numbers[12], insideTaps: numbers[13], windowRuns: numbers[14], finish: finish)
      cycles = numbers[16]
    }
  }

  private let rows: [Row]
  private let preset: KernelPreset

  init() throws {
    let file = try #require(
      Bundle.module.url(forResource: "counted", withExtension: "csv", subdirectory: "Fixtures"))
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
    rows = try lines.map { try #require(Row($0), "\($0)") }
    preset = try ConfigStore.locate().kernels("swift")
  }

  /// The worst is in docs/clock.md.
  @Test func `Every shape within 10 %, transposes within 15 %`() {
    #expect(rows.count >= 140)
    for row in rows {
      let error = Double(preset.cycles(for: row.geometry)) / Double(row.cycles) - 1
      let bound = row.geometry.kind == .transpose ? 0.15 : 0.10
      #expect(abs(error) <= bound, "\(row.text): \(error * 100) %")
    }
  }

  @Test func `The grid has every class of operator but the camera's`() {
    let counted = Set(rows.map { $0.geometry.kind })
    #expect(counted == Set(OperatorKind.allCases).subtracting([.camera]))
  }

  /// The camera's conversion, the coders and the answer, on bundles, noise and digits.
  @Test func `What was counted of the device program`() throws {
    let file = try #require(
      Bundle.module.url(
        forResource: "counted-program", withExtension: "csv", subdirectory: "Fixtures"))
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
    var kinds: Set<Substring> = []
    for line in lines {
      let cells = line.split(separator: ",")
      let (units, references, bytes, cycles) = try (
        #require(Int(cells[2])), #require(Int(cells[3])), #require(Int(cells[4])),
        #require(Double(cells[5]))
      )
      let predicted: Int
      switch cells[0] {
      case "encode-lzw", "encode-range":
        let coder = cells[0] == "encode-lzw" ? Coder.lzw : .range
        predicted =
          preset.cycles(quantising: units)
          + preset.cycles(encoding: units, references: references, into: bytes, by: coder)
      case "encode-jpeg":
        predicted = preset.cycles(encodingBlocks: references, ofPixels: units, into: bytes)
      case "answer": predicted = preset.cycles(answeringBy: units)
      case "camera", "resizedCamera":
        let side = cells[0] == "camera" ? 32 : 64
        predicted = preset.cycles(
          for: OperatorGeometry(cameraSide: side, outputElements: units))
      default:
        Issue.record("\(line)")
        continue
      }
      kinds.insert(cells[0])
      let error = Double(predicted) / cycles - 1
      #expect(abs(error) <= 0.15, "\(line): \(error * 100) %")
    }
    #expect(kinds.count == 6)
  }

  /// ResNet-8 of MLPerf Tiny below the best published time on this board, and the published extractor
  /// below half of what CMSIS-NN's fit gives.
  @Test func `The two nets that are held against others`() {
    let resNet = Double(preset.cycles(for: PublishedGraphs.resNet8)) / 216_000
    #expect(resNet < 61.6)
    let extractor = [
      OperatorGeometry.depthwise(96, 96, 3, stride: 3),
      .convolution(32, 32, 3, outputs: 4, kernel: 1), .depthwise(32, 32, 4),
      .convolution(32, 32, 4, outputs: 24, kernel: 1),
    ]
    #expect(Double(preset.cycles(for: extractor)) / 216_000 < 9.9 / 2)
  }
}

extension OperatorGeometry {
  /// A square camera's image brought to 32x32 pixels.
  fileprivate init(cameraSide side: Int, outputElements: Int) {
    self.init(
      kind: .camera, inputHeight: side, inputWidth: side, inputChannels: 3, outputHeight: 32,
      outputWidth: 32, outputChannels: 3, kernelHeight: 1, kernelWidth: 1, strideHeight: 1,
      strideWidth: 1, inputElements: side * side * 3, outputElements: outputElements, macs: 0)
  }
}
