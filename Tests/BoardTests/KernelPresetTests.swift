import FeatureCoding
import MCUKernels
import Testing

@testable import Board

struct KernelPresetTests {
  private let store: ConfigStore

  init() throws {
    store = try ConfigStore.locate()
  }

  @Test func allFiveAreThereAndCostEveryOperator() throws {
    let presets = try store.allKernels()
    #expect(presets.map(\.name) == ["cmsis-nn", "swift", "tflm", "tinyengine", "x-cube-ai"])
    #expect(presets.allSatisfy { !$0.isEstimate })
    for preset in presets {
      for kind in OperatorKind.allCases {
        var geometry = OperatorGeometry.convolution(8, 8, 8, outputs: 8, kernel: 3)
        geometry.kind = kind
        #expect(preset.cycles(for: geometry) > 0, "\(preset.name) \(kind)")
      }
    }
  }

  @Test func convolutionsAreToldApart() {
    func operatorClass(_ channels: Int, _ kernel: (Int, Int)) -> OperatorClass {
      OperatorClass(
        of: .convolution(8, 8, channels, outputs: 8, kernel: kernel, stride: (1, 1)))
    }
    #expect(operatorClass(3, (3, 3)) == .shallowConv2D)
    #expect(operatorClass(4, (3, 3)) == .shallowConv2D)
    #expect(operatorClass(5, (3, 3)) == .conv2D)
    #expect(operatorClass(16, (1, 3)) == .conv2D)
    #expect(operatorClass(3, (1, 1)) == .pointwise)
    #expect(operatorClass(64, (1, 1)) == .pointwise)
  }

  @Test func theTermsOfAConvolution() {
    let geometry = OperatorGeometry.convolution(
      10, 12, 5, outputs: 7, kernel: (3, 2), stride: (2, 2))
    let amounts = CostTerm.allCases.map { $0.amount(in: geometry, KernelWork(geometry)) }
    // setup, pixel 5x6, tap x6, column x5, mac, output, input, weight
    #expect(amounts.prefix(8) == [1, 30, 180, 900, 6300, 210, 600, 210])
    // windowRun, clippedBlock, run of 2 taps, gathered, staged, since 5 channels are no four; 6 of the
    // 7 outputs in pairs, columns of 32; no other form; weights and rows of 16 bytes once
    #expect(amounts.dropFirst(8) == [5, 0, 90, 900, 900, 5760, 960, 180, 30, 0, 0, 336])
  }

  @Test func batchesCountAsPixels() {
    var geometry = OperatorGeometry.convolution(4, 4, 8, outputs: 8, kernel: 1)
    geometry.outputElements *= 3
    #expect(CostTerm.pixel.amount(in: geometry, KernelWork(geometry)) == 48)
  }

  @Test func costsAreSumsOfTerms() {
    let cost = OperatorCost(cyclesPer: [.setup: 100, .mac: 2, .output: 0.5])
    let geometry = OperatorGeometry.convolution(4, 4, 8, outputs: 8, kernel: 1)
    #expect(cost.cycles(for: geometry) == 2212)
  }

  /// A plan from a stranger's file may claim anything.
  @Test(arguments: [Int.max, Int.min, 0, -1])
  func absurdSizesDoNotTrap(size: Int) throws {
    let geometry = OperatorGeometry(
      kind: .conv2D, inputHeight: size, inputWidth: size, inputChannels: size, outputHeight: size,
      outputWidth: size, outputChannels: size, kernelHeight: size, kernelWidth: size,
      strideHeight: size, strideWidth: size, inputElements: size, outputElements: size, macs: size)
    for preset in try store.allKernels() {
      let cycles = preset.cycles(for: [geometry, geometry, geometry])
      #expect(cycles >= 0)
      #expect(preset.cycles(quantising: size) >= 0)
      #expect(preset.cycles(encoding: size, references: size, into: size, by: .range) >= 0)
      #expect(preset.cycles(framing: size) >= 0)
      #expect(preset.cycles(answeringBy: size, outOf: size) >= 0)
    }
  }
}
